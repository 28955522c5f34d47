import { beforeAll, describe, expect, test } from 'vitest'
import { formFields, browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { goodInput, makeWorld } from './site.ts'

/** What every request costs and no budget counts: the session, the user it belongs to, a transaction's frame, a new connection's zone. */
const BESIDE = [
  /\bFROM "?sessions"?\b/,
  /\bINTO "?sessions"?\b/,
  /\bUPDATE sessions\b/,
  /FROM users WHERE id = \$1 AND credentials_version/,
  // What is due for this user, beside the navigation of each page: asked while the page is put together, as part of looking the user up.
  /^\s*SELECT count\(\*\)::int AS count FROM \(\(\s*SELECT 'followUp' AS kind/,
  /^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/,
  /set_config\('dealwright\./,
  /^SET TIME ZONE/,
]

/** The statements of a request that its budget counts. */
async function counted(work: () => Promise<unknown>): Promise<string[]> {
  const statements = await queriesOf(work)
  return statements
    .filter((statement) => !BESIDE.some((pattern) => pattern.test(statement)))
    .map((statement) => statement.replace(/\s+/g, ' ').trim().slice(0, 160))
}

/** A form reads the record, whether it may be changed, and what each of its selects offers. */
const FORM = 8

let rosa: Account
let visitor: Visitor

beforeAll(async () => {
  rosa = await makeUser({ role: 'admin' })
  visitor = await browse(rosa)
})

/** A client with so many contacts and deals, and so many leads: what the pages below show. */
async function world(scope: Scope, size: number) {
  const client = await makeClient(scope)
  const contacts = []
  for (let index = 0; index < size; index += 1) {
    const contact = await makeContact(scope, client.id, { email: `contact${index}@example.com` })
    contacts.push(await makeContact(scope, client.id))
    await makeDeal(scope, { clientId: client.id, contactId: contact.id })
    await makeLead(scope, { email: 'same@example.com' })
  }
  const deal = await makeDeal(scope, { clientId: client.id, contactId: contacts[0]!.id })
  const lead = await makeLead(scope, { email: 'same@example.com' })
  for (let index = 0; index < size; index += 1) {
    await makeActivity(scope, 'deal', deal.id, { dueDate: '2026-01-15' })
    await makeActivity(scope, 'lead', lead.id, { status: 'completed' })
  }
  return { clients: client.id, contacts: contacts[0]!.id, deals: deal.id, leads: lead.id }
}

describe('a page costs as many queries with sixty rows as with five, and no more than its kind may', () => {
  let small: Record<string, number>
  let large: Record<string, number>

  beforeAll(async () => {
    small = await world(as(rosa), 5)
  })

  const PAGES: [path: string, budget: number][] = [
    ['/leads', 2],
    ['/leads?q=sommer&status=new&owner=me&sort=-value', 2],
    ['/deals', 2],
    ['/deals?status=open&owner=none&sort=close', 2],
    ['/clients', 2],
    ['/contacts', 2],
    ['/search?q=sommer', 1],
    ['/search?q=sommre+nobody', 2],
    ['/activities', 2],
    ['/activities?q=call&due=overdue&assignee=me&sort=due', 2],
    ['/deals/pipeline', 3],
    ['/deals/pipeline?period=all&owner=me', 3],
    ['/reports', 10],
    ['/reports?period=lastYear&owner=me&currency=USD&pipeline=1', 10],
    ['/settings/currencies', 4],
    ['/settings/users', 3],
    ['/settings/users?q=person&role=member&status=active&sort=-team', 3],
    ['/settings/teams', 2],
    ['/settings/webhooks', 1],
    ['/trash', 3],
    ['/trash/leads?q=sommer&sort=name', 3],
    ['/profile', 2],
    ['/profile/feeds', 1],
    ['/help/leads', 0],
    ['/', 6],
    ['/?for=all', 6],
    ['/leads/:leads', 5],
    ['/clients/:clients', 5],
    ['/clients/:clients/contacts', 5],
    ['/contacts/:contacts', 5],
    ['/deals/:deals', 5],
    ['/leads/create', FORM],
    ['/clients/create', FORM],
    ['/clients/:clients/contacts/create', FORM],
    ['/deals/create', FORM],
    ['/leads/:leads/edit', FORM],
    ['/clients/:clients/edit', FORM],
    ['/contacts/:contacts/edit', FORM],
    ['/deals/:deals/edit', FORM],
    ['/deals/:deals/activities/create', FORM],
    ['/leads/:leads/activities/create', FORM],
    ['/leads/:leads/convert-to-client', FORM],
    ['/leads/:leads/convert-to-deal', FORM],
  ]
  const visit = (path: string, ids: Record<string, number>) =>
    visitor.get(path.replace(/:(\w+)/, (_, kind: string) => String(ids[kind])))

  const few = new Map<string, string[]>()

  test.each(PAGES)('%s: at most %i', async (path, budget) => {
    // The first visit may open connections and prepare what is kept.
    expect((await visit(path, small)).status).toBe(200)
    few.set(path, await counted(() => visit(path, small)))

    expect(few.get(path)?.length, few.get(path)?.join('\n')).toBeLessThanOrEqual(budget)
  })

  describe('and with sixty', () => {
    beforeAll(async () => {
      large = await world(as(rosa), 60)
    })

    test.each(PAGES)('%s', async (path, budget) => {
      const many = await counted(() => visit(path, large))

      // What a list is searched for is counted with its page, unless it is frequent.
      if (path.includes('?q=')) expect(many.length).toBeLessThanOrEqual(budget)
      else expect(many).toHaveLength(few.get(path)?.length ?? -1)
    })
  })
})

describe('a save costs no more than its kind may', () => {
  const SAVES: [path: string, budget: number][] = [
    ['/leads/create', 5],
    ['/clients/create', 5],
    ['/clients/:clients/contacts/create', 5],
    ['/deals/create', 5],
    ['/leads/:leads/mark-lost', 5],
    ['/contacts/:contacts/set-primary', 5],
    ['/contacts/:contacts/delete', 5],
    ['/deals/:deals/move', 5],
    ['/deals/:deals/close-won', 5],
    ['/deals/:deals/close-lost', 5],
    ['/deals/:deals/delete', 5],
    ['/deals/:deals/activities/create', 5],
    ['/leads/:leads/activities/create', 5],
    ['/lead-activities/:lead-activities/complete', 5],
    ['/deal-activities/:deal-activities/snooze', 5],
    ['/deal-activities/:deal-activities/reassign', 5],
  ]

  test.each(SAVES)('%s: at most %i', async (path, budget) => {
    const ids = await makeWorld(as(rosa))
    const address = path.replace(/:([\w-]+)/, (_, kind: string) => String(ids[kind]))

    const statements = await counted(async () => {
      expect((await visitor.post(address, goodInput())).status).toBe(303)
    })

    expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(budget)
  })

  test.each([
    ['leads', { firstName: 'Ada' }],
    ['clients', { name: 'Another name' }],
    ['contacts', { firstName: 'Ada' }],
    ['deals', { name: 'Another name', value: '77' }],
  ])('an edit of %s: at most 5', async (kind, changed) => {
    const ids = await makeWorld(as(rosa))
    const address = `/${kind}/${ids[kind]}/edit`
    const fields = formFields(await visitor.get(address), address)

    const statements = await counted(async () => {
      expect((await visitor.post(address, { ...fields, ...changed })).status).toBe(303)
    })

    expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(5)
  })

  test('a form saved untouched writes nothing', async () => {
    const ids = await makeWorld(as(rosa))
    for (const kind of ['leads', 'clients', 'contacts', 'deals']) {
      const address = `/${kind}/${ids[kind]}/edit`
      const fields = formFields(await visitor.get(address), address)

      const statements = await counted(() => visitor.post(address, fields))

      expect(
        statements.filter((statement) => /^\W*(INSERT|UPDATE|DELETE)\b/i.test(statement)),
        kind,
      ).toEqual([])
    }
  })
})
