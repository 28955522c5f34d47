import type pg from 'pg'
import { hashPassword } from '../src/features/users/passwords.ts'

/** Who the load signs in as: an administrator, who sees everything. */
export const ACCOUNT = { email: 'person1@example.com', password: 'a password for measuring' }

const USERS = 10

/**
 * Fills an empty, migrated database: `rows` leads, deals, activities of leads and activities of deals, half as many contacts and
 * communications, a quarter as many clients, ten users. The same size makes the same data, but that dates count back from now. A tenth of what can be empty is.
 */
export async function fill(pool: pg.Pool, rows: number): Promise<void> {
  const passwordHash = await hashPassword(ACCOUNT.password)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT set_config('dealwright.actor', 'system', true)`)
    await client.query(FUNCTIONS)
    for (const table of AUDITED) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER record_change`)
    const indexes = await takeIndexesAway(client)
    await client.query(USERS_SQL, [USERS, passwordHash])
    for (const statement of [CLIENTS, CONTACTS, DEALS, DEAL_ACTIVITIES, LEADS, LEAD_ACTIVITIES, COMMUNICATIONS])
      await client.query(statement, [rows])
    await client.query('ALTER TABLE deals DISABLE TRIGGER bump_version')
    await client.query(`UPDATE deals SET lead_id = leads.id FROM leads WHERE leads.converted_to_deal_id = deals.id`)
    await client.query('ALTER TABLE deals ENABLE TRIGGER bump_version')
    for (const table of AUDITED) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER record_change`)
    for (const table of AUDITED)
      await client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), max(id)) FROM ${table}`)
    await client.query(`SET LOCAL maintenance_work_mem = '256MB'`)
    for (const index of indexes) await client.query(index)
    await client.query('COMMIT')
    await tidy(client)
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

/** Making an index of what is there is many times faster than keeping it while rows come. Answers how they are made again. */
async function takeIndexesAway(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = ANY($1::regclass[]) AND NOT i.indisunique`,
    [AUDITED],
  )
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`)
  return rows.map(({ definition }) => definition)
}

/** As a database is that has been running for a while: statistics taken, every page known to be visible to all, nothing left to write. */
async function tidy(client: pg.PoolClient): Promise<void> {
  for (let round = 1; ; round++) {
    await client.query('VACUUM (ANALYZE)')
    const { rows } = await client.query(`SELECT FROM pg_class WHERE relname = ANY($1) AND relallvisible < relpages`, [
      AUDITED,
    ])
    if (rows.length === 0) break
    // A transaction that began before the rows were there (autovacuum's, say) keeps them from being marked until it ends.
    if (round === 10) throw new Error('something keeps a transaction open in the database')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  await client.query('CHECKPOINT')
}

const AUDITED = [
  'users',
  'clients',
  'contacts',
  'deals',
  'deal_activities',
  'leads',
  'lead_activities',
  'contact_communications',
]

// A die that falls the same way each time for the same row and question.
const FUNCTIONS = `
CREATE FUNCTION pg_temp.roll(id integer, question integer, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN ((hashint4extended(id, question) & 2147483647) % sides)::integer;
CREATE FUNCTION pg_temp.pick(id integer, question integer, choices text[]) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN choices[1 + ((hashint4extended(id, question) & 2147483647) % cardinality(choices))::integer];
CREATE FUNCTION pg_temp.given(id integer, question integer, value text) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN (hashint4extended(id, question) & 2147483647) % 10 <> 0 THEN value END;
CREATE FUNCTION pg_temp.first_name(id integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN pg_temp.pick(id, 1, ARRAY[
  'Anna', 'Ben', 'Chloé', 'Daniel', 'Elif', 'Fatima', 'Giulia', 'Hiroshi', 'Ivana', 'João', 'Katarzyna', 'Lars', 'Mehmet', 'Nadia', 'Olga',
  'Peter', 'Quentin', 'Rosa', 'Søren', 'Thomas', 'Ulrike', 'Viktor', 'Wanjiru', 'Ximena', 'Yusuf', 'Zoë', 'Maximilian', 'Alexandra', 'Li', 'Ana']);
CREATE FUNCTION pg_temp.last_name(id integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN pg_temp.pick(id, 2, ARRAY[
  'Müller', 'Smith', 'García', 'Rossi', 'Kowalski', 'Yılmaz', 'Nguyen', 'Ivanova', 'Andersson', 'Silva', 'Dubois', 'Tanaka', 'Okafor', 'Jensen',
  'Novák', 'Papadopoulos', 'O''Brien', 'van den Berg', 'Schneider', 'Haddad', 'Kim', 'Fernández', 'Horvat', 'Lindqvist', 'Moreau', 'Weber',
  'Popescu', 'Singh', 'Costa', 'Hernández-Ruiz', 'Bauer', 'Eriksen', 'Wójcik', 'Ferrari', 'Kaya', 'Chen', 'Murphy', 'Nagy', 'Virtanen', 'Keller']);
CREATE FUNCTION pg_temp.company(id integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN
  pg_temp.pick(id, 3, ARRAY['Northern', 'United', 'Blue', 'Alpine', 'Harbour', 'Silver', 'Green Valley', 'First', 'Atlas', 'Baltic', 'Iberian', 'Rhine',
    'Central', 'Pacific', 'Amber', 'Royal', 'Nova', 'Delta', 'Sunrise', 'Granite']) || ' ' ||
  pg_temp.pick(id, 4, ARRAY['Logistics', 'Foods', 'Textiles', 'Robotics', 'Energy', 'Pharma', 'Consulting', 'Printing', 'Timber', 'Optics', 'Marine',
    'Packaging']) || ' ' || id / 7 || ' ' || pg_temp.pick(id, 5, ARRAY['GmbH', 'Ltd', 'S.A.', 'AB', 'Inc.', 'S.r.l.']);
CREATE FUNCTION pg_temp.phone(id integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN
  '+' || 30 + pg_temp.roll(id, 6, 60) || ' ' || 100 + pg_temp.roll(id, 7, 900) || ' ' || 1000000 + pg_temp.roll(id, 8, 9000000);
CREATE FUNCTION pg_temp.prose(id integer, question integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN left(repeat(
  'They asked for a second offer with the maintenance contract listed apart, and for references from the region. The budget is decided in autumn. ' ||
  'Our first proposal was too broad; what they need is the smaller system, delivered before the move to the new hall. ', 4), 40 + pg_temp.roll(id, question, 700));
CREATE FUNCTION pg_temp.title(id integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN
  pg_temp.pick(id, 9, ARRAY['Head of Purchasing', 'Managing Director', 'Office Manager', 'IT Lead', 'Chief Financial Officer', 'Plant Manager', 'Buyer']);
CREATE FUNCTION pg_temp.owner(id integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN
  CASE WHEN pg_temp.roll(id, 10, 10) <> 0 THEN 1 + pg_temp.roll(id, 11, ${USERS}) END;
CREATE FUNCTION pg_temp.currency(id integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN
  pg_temp.pick(id, 12, ARRAY['EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'USD', 'USD', 'GBP', 'JPY']);
CREATE FUNCTION pg_temp.amount(id integer) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN
  CASE WHEN pg_temp.roll(id, 13, 10) <> 0 THEN 250 * (1 + pg_temp.roll(id, 14, 40)) * (1 + pg_temp.roll(id, 15, 12)) END;
CREATE FUNCTION pg_temp.tags(id integer) RETURNS text[] LANGUAGE sql IMMUTABLE RETURN CASE pg_temp.roll(id, 16, 4)
  WHEN 0 THEN ARRAY[pg_temp.pick(id, 17, ARRAY['priority', 'export', 'reseller'])] WHEN 1 THEN ARRAY['newsletter', 'fair'] ELSE '{}'::text[] END;
CREATE FUNCTION pg_temp.made(id integer) RETURNS timestamptz LANGUAGE sql STABLE RETURN
  now() - interval '40 days' - pg_temp.roll(id, 18, 1400 * 24 * 60) * interval '1 minute';
CREATE FUNCTION pg_temp.touched(id integer) RETURNS timestamptz LANGUAGE sql STABLE RETURN
  pg_temp.made(id) + (now() - pg_temp.made(id)) * pg_temp.roll(id, 19, 1000) / 1000;
`

const USERS_SQL = `
INSERT INTO users (id, email, name, password_hash, role, time_zone)
SELECT id, 'person' || id || '@example.com', pg_temp.first_name(id) || ' ' || pg_temp.last_name(id), $2,
       CASE WHEN id = 1 THEN 'admin' ELSE 'member' END, 'Europe/Berlin'
FROM generate_series(1, $1::integer) AS id`

const CLIENTS = `
INSERT INTO clients (id, name, description, website, email, phone, address, status, currency_code, owner_id, tags, created_by, created_at, updated_at)
SELECT id, pg_temp.company(id), pg_temp.given(id, 30, pg_temp.prose(id, 31)), pg_temp.given(id, 32, 'https://www.company' || id || '.example'),
       pg_temp.given(id, 33, 'office@company' || id || '.example'), pg_temp.given(id, 34, pg_temp.phone(id)),
       pg_temp.given(id, 35, id % 190 || ' Harbour Street, 20457 Hamburg'), CASE WHEN id % 12 = 0 THEN 'inactive' ELSE 'active' END,
       pg_temp.currency(id), pg_temp.owner(id), pg_temp.tags(id), 1, pg_temp.made(id), pg_temp.touched(id)
FROM generate_series(1, $1::integer / 4) AS id`

const CONTACTS = `
INSERT INTO contacts (id, client_id, first_name, last_name, email, phone, mobile, title, department, role, is_primary, notes, tags, created_by,
                      created_at, updated_at)
SELECT id, 1 + (id - 1) / 2, pg_temp.first_name(id), pg_temp.last_name(id), pg_temp.given(id, 40, 'contact' || id || '@company' || 1 + (id - 1) / 2 || '.example'),
       pg_temp.given(id, 41, pg_temp.phone(id)), CASE WHEN id % 3 = 0 THEN pg_temp.phone(-id) END, pg_temp.given(id, 42, pg_temp.title(id)),
       pg_temp.given(id, 43, pg_temp.pick(id, 44, ARRAY['Purchasing', 'Finance', 'IT', 'Production'])), CASE id % 2 WHEN 1 THEN 'primary' ELSE 'contact' END,
       id % 2 = 1, pg_temp.given(id, 45, pg_temp.prose(id, 46)), pg_temp.tags(id), 1, pg_temp.made(id), pg_temp.touched(id)
FROM generate_series(1, $1::integer / 2) AS id`

// Three in ten are open. The first few were closed today whatever the size, so that the board's closed columns are as full at 1 k as at 100 k.
const DEALS = `
INSERT INTO deals (id, client_id, contact_id, name, description, pipeline_id, stage, status, value, currency_code, probability, expected_close_date,
                   actual_close_date, closed_at, loss_reason, notes, tags, board_position, stage_entered_at, owner_id, created_by, created_at, updated_at)
SELECT id, client_id, CASE WHEN id % 10 <> 0 THEN 2 * client_id - id % 2 END,
       pg_temp.pick(id, 50, ARRAY['Forklifts', 'Service contract', 'Licences', 'New line', 'Pilot', 'Extension', 'Framework agreement']) || ' for ' ||
         pg_temp.company(client_id),
       pg_temp.given(id, 51, pg_temp.prose(id, 52)), s.pipeline_id, s.key, s.kind, pg_temp.amount(id), pg_temp.currency(id), s.probability,
       CASE WHEN id % 10 <> 5 THEN current_date + pg_temp.roll(id, 53, 150) - 30 END,
       CASE WHEN s.kind <> 'open' THEN closed END, CASE WHEN s.kind <> 'open' THEN closed END,
       CASE WHEN s.kind = 'lost' THEN pg_temp.pick(id, 54, ARRAY['Price', 'Went to a competitor', 'No budget this year', 'No answer']) END,
       pg_temp.given(id, 55, pg_temp.prose(id, 56)), pg_temp.tags(id), 'a' || lpad(to_hex(id), 7, '0') || 'V',
       now() - pg_temp.roll(id, 57, 60) * interval '1 day', pg_temp.owner(id), 1, pg_temp.made(id), pg_temp.touched(id)
FROM generate_series(1, $1::integer) AS id
  CROSS JOIN LATERAL (SELECT 1 + pg_temp.roll(id, 58, $1::integer / 4) AS client_id,
                             current_date - CASE WHEN id <= 400 THEN 0 ELSE pg_temp.roll(id, 59, 1460) END AS closed,
                             pg_temp.roll(id, 60, 100) AS die) AS chosen
  JOIN (SELECT pipeline_id, key, kind, probability FROM pipeline_stages WHERE pipeline_id = 1) AS s ON s.key = CASE
    WHEN die < 9 THEN 'prospecting' WHEN die < 17 THEN 'qualification' WHEN die < 24 THEN 'proposal' WHEN die < 30 THEN 'negotiation'
    WHEN die < 65 THEN 'closed_won' ELSE 'closed_lost' END`

// Each fourth deal has four of them, so that a record's page is as long at any size.
const DEAL_ACTIVITIES = `
INSERT INTO deal_activities (id, deal_id, type, subject, description, activity_date, due_date, status, completed_at, assignee_id, created_by)
SELECT id, greatest(4, id - id % 4), pg_temp.pick(id, 70, ARRAY['call', 'email', 'meeting', 'note', 'task']), pg_temp.given(id, 71, 'Next offer and delivery date'),
       pg_temp.given(id, 72, pg_temp.prose(id, 73)), pg_temp.touched(id), CASE WHEN id % 4 = 3 THEN current_date + pg_temp.roll(id, 74, 60) - 10 END,
       CASE WHEN id % 4 = 3 THEN 'pending' ELSE 'completed' END, CASE WHEN id % 4 <> 3 THEN pg_temp.touched(id) END, pg_temp.owner(id), 1
FROM generate_series(1, $1::integer) AS id`

const LEADS = `
INSERT INTO leads (id, first_name, last_name, company_name, email, phone, title, source, status, score, estimated_value, currency_code,
                   converted_to_client_id, converted_to_deal_id, converted_at, converted_by, lost_reason, lost_at, notes, tags, owner_id, created_by,
                   created_at, updated_at)
SELECT l.id, pg_temp.first_name(l.id), pg_temp.last_name(l.id), pg_temp.given(l.id, 80, pg_temp.company(l.id)),
       pg_temp.given(l.id, 81, 'lead' || l.id || '@company' || l.id / 7 || '.example'), pg_temp.given(l.id, 82, pg_temp.phone(l.id)),
       pg_temp.given(l.id, 83, pg_temp.title(l.id)), pg_temp.given(l.id, 84, pg_temp.pick(l.id, 85, ARRAY['Website', 'Fair', 'Referral', 'Cold call', 'Newsletter'])),
       status, CASE WHEN pg_temp.roll(l.id, 86, 10) <> 0 THEN pg_temp.roll(l.id, 87, 101) END, pg_temp.amount(l.id), pg_temp.currency(l.id),
       CASE WHEN status = 'converted' THEN d.client_id END, CASE WHEN status = 'converted' THEN d.id END,
       CASE WHEN status = 'converted' THEN pg_temp.touched(l.id) END, CASE WHEN status = 'converted' THEN 1 END,
       CASE WHEN status = 'lost' THEN 'No answer to three calls' END, CASE WHEN status = 'lost' THEN pg_temp.touched(l.id) END,
       pg_temp.given(l.id, 88, pg_temp.prose(l.id, 89)), pg_temp.tags(l.id), pg_temp.owner(l.id), 1, pg_temp.made(l.id), pg_temp.touched(l.id)
FROM (SELECT id, CASE WHEN die < 30 THEN 'new' WHEN die < 55 THEN 'contacted' WHEN die < 70 THEN 'qualified' WHEN die < 90 THEN 'converted'
                 ELSE 'lost' END AS status
      FROM generate_series(1, $1::integer) AS id CROSS JOIN LATERAL (SELECT pg_temp.roll(id, 90, 100) AS die) AS rolled) AS l
  JOIN (SELECT id, client_id FROM deals) AS d ON d.id = l.id`

const LEAD_ACTIVITIES = `
INSERT INTO lead_activities (id, lead_id, type, subject, description, activity_date, due_date, status, completed_at, assignee_id, created_by)
SELECT id, greatest(4, id - id % 4), pg_temp.pick(id, 91, ARRAY['call', 'email', 'meeting', 'note', 'task']), pg_temp.given(id, 92, 'First contact'),
       pg_temp.given(id, 93, pg_temp.prose(id, 94)), pg_temp.touched(id), CASE WHEN id % 4 = 3 THEN current_date + pg_temp.roll(id, 95, 60) - 10 END,
       CASE WHEN id % 4 = 3 THEN 'pending' ELSE 'completed' END, CASE WHEN id % 4 <> 3 THEN pg_temp.touched(id) END, pg_temp.owner(id), 1
FROM generate_series(1, $1::integer) AS id`

const COMMUNICATIONS = `
INSERT INTO contact_communications (id, contact_id, client_id, type, direction, subject, content, communication_date, follow_up_date,
                                    follow_up_completed_at, status, created_by)
SELECT id, id, 1 + (id - 1) / 2, pg_temp.pick(id, 100, ARRAY['email', 'call', 'meeting', 'note', 'message']),
       pg_temp.pick(id, 101, ARRAY['inbound', 'outbound']), pg_temp.given(id, 102, 'The offer, and when it can be delivered'),
       pg_temp.given(id, 103, pg_temp.prose(id, 104)), pg_temp.touched(id), CASE WHEN id % 5 = 0 THEN current_date + pg_temp.roll(id, 105, 60) - 50 END,
       CASE WHEN id % 5 = 0 AND id % 20 <> 0 THEN pg_temp.touched(id) END, 'completed', 1 + pg_temp.roll(id, 106, ${USERS})
FROM generate_series(1, $1::integer / 2) AS id`
