import { createUser } from '../../src/features/users/commands/creating.ts'
import type { CreateUser } from '../../src/features/users/schema.ts'
import { findAccount } from '../../src/features/users/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { SYSTEM, inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from './database.ts'

export const PASSWORD = 'correct horse battery'
export const system: Scope = { db, user: SYSTEM }

let made = 0

/** Somebody who can sign in with PASSWORD; a member who sees everything unless said otherwise. */
export async function makeUser(overrides: Partial<CreateUser> = {}): Promise<Account> {
  made += 1
  const { id } = await createUser(system, {
    name: `Person ${made}`,
    email: `person${made}@example.com`,
    password: PASSWORD,
    role: 'member',
    timeZone: 'Europe/Berlin',
    ...overrides,
  })
  const account = await findAccount(db, id, 1)
  if (!account) throw new Error('the user just made is not there')
  return account
}

/** What queries and commands take to act as this person. */
export function as(user: Account): Scope {
  return { db, user }
}

export async function makeTeam(name: string): Promise<number> {
  const team = await inTransaction(system, (scope) => scope.db.records.team.create({ data: { name } }))
  return team.id
}
