import sql from 'sql-template-tag'
import type { Db } from '../../platform/database/database.ts'
import type { Account } from '../../platform/http/types.ts'
import { createUser } from '../users/commands/creating.ts'
import { passwordMatches } from '../users/passwords.ts'
import { findAccount, findCredentials, hasUsers } from '../users/queries.ts'
import type { CreateUser } from '../users/schema.ts'
import { setUp } from './commands.ts'
import type { Cast, Part } from './sample/cast.ts'
import { emailOf, leadsAsTold } from './sample/tell-leads.ts'
import { tellStory } from './sample-data.ts'

const PASSWORD = 'demo-password'

/** Who can sign in to the demo: somebody of each kind, two languages, three time zones. The member sees only what is hers, or nobody's. */
export const DEMO_CAST = {
  admin: {
    name: 'Nora Hartley',
    email: 'nora@dealwright.example',
    password: PASSWORD,
    role: 'admin',
    visibility: 'all',
    locale: 'en',
    timeZone: 'Europe/London',
  },
  manager: {
    name: 'Jonas Brandt',
    email: 'jonas@dealwright.example',
    password: PASSWORD,
    role: 'manager',
    visibility: 'all',
    locale: 'de',
    timeZone: 'Europe/Berlin',
  },
  member: {
    name: 'Priya Raman',
    email: 'priya@dealwright.example',
    password: PASSWORD,
    role: 'member',
    visibility: 'own',
    locale: 'en',
    timeZone: 'America/New_York',
  },
} as const satisfies Record<Part, CreateUser>

export const DEMO_USERS: readonly CreateUser[] = Object.values(DEMO_CAST)

/**
 * Fills an installation without users with the demo's three and the sample data. One that was cut short in the middle of this is completed; any
 * other that has users is left alone.
 */
export async function createDemo(database: Db): Promise<void> {
  if ((await hasUsers(database)) && !(await wasCutShort(database))) return
  const admin = (await account(database, DEMO_CAST.admin)) ?? (await makeAdministrator(database))
  const manager = await recruit(database, admin, DEMO_CAST.manager)
  const member = await recruit(database, admin, DEMO_CAST.member)
  await tellStory(castOf(database, { admin, manager, member }))
}

/** The demo's users that can still sign in with the password they were given: to be told to whoever starts the demo. */
export async function demoSignIns(database: Db): Promise<CreateUser[]> {
  const works = await Promise.all(
    DEMO_USERS.map(async ({ email, password }) => {
      const credentials = await findCredentials(database, email)
      return credentials !== null && passwordMatches(credentials.passwordHash, password)
    }),
  )
  return DEMO_USERS.filter((_user, place) => works[place])
}

/** The audit knows what was told, even if it is gone since: the demo's administrator was made, the story's last lead never was. */
async function wasCutShort(database: Db): Promise<boolean> {
  const lastLead = leadsAsTold.at(-1)
  const [found] = await database.query<{ begun: boolean; ended: boolean }>(sql`
    SELECT ${wasMade('users', DEMO_CAST.admin.email)} AS begun, ${wasMade('leads', lastLead ? emailOf(lastLead) : null)} AS ended`)
  return found !== undefined && found.begun && !found.ended
}

function wasMade(table: string, email: string | null) {
  return sql`EXISTS (SELECT FROM changes WHERE table_name = ${table} AND operation = 'insert' AND new_row ->> 'email' = ${email})`
}

async function makeAdministrator(database: Db): Promise<Account> {
  const { id } = await setUp(database, { ...DEMO_CAST.admin, baseCurrency: 'EUR' })
  return accountOf(database, id)
}

async function recruit(database: Db, admin: Account, user: CreateUser): Promise<Account> {
  const present = await account(database, user)
  if (present) return present
  const { id } = await createUser({ db: database, user: admin }, user)
  return accountOf(database, id)
}

async function account(database: Db, { email }: CreateUser): Promise<Account | null> {
  const credentials = await findCredentials(database, email)
  return credentials && findAccount(database, credentials.id, credentials.credentialsVersion)
}

async function accountOf(database: Db, id: number): Promise<Account> {
  const made = await findAccount(database, id, 1)
  if (!made) throw new Error('the user just made is not there')
  return made
}

function castOf(db: Db, { admin, manager, member }: Record<Part, Account>): Cast {
  return { admin: { db, user: admin }, manager: { db, user: manager }, member: { db, user: member } }
}
