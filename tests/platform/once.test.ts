import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import { expect, test } from 'vitest'
import { AlreadySent, Conflict } from '../../src/platform/errors.ts'
import { forgetSubmissions, once } from '../../src/platform/once.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'

let made = 0

/** What a create command does: makes a team once for each submission. */
function make(scope: Scope, submission: string | undefined, input: object = {}) {
  return inTransaction(scope, (scope) =>
    once(scope, submission, input, () => {
      made += 1
      return scope.db.records.team.create({ data: { name: `Team ${made}` } })
    }),
  )
}

test('a form sent twice creates once, and the repeat answers the same record', async () => {
  const rosa = as(await makeUser())
  const submission = randomUUID()

  const first = await make(rosa, submission)
  const second = await make(rosa, submission)

  expect([first.repeated, second]).toEqual([false, { id: first.id, repeated: true }])
  expect(await db.records.team.count({ where: { id: { gte: first.id } } })).toBe(1)
})

test('eight at the same instant create once, and all answer the same record', async () => {
  const rosa = as(await makeUser())
  const submission = randomUUID()
  const before = await db.records.team.count()

  const answers = await Promise.all(Array.from({ length: 8 }, () => make(rosa, submission)))

  expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1)
  expect(await db.records.team.count()).toBe(before + 1)
})

test('a form that says something else than the first time is refused: nothing of that would be stored', async () => {
  const rosa = as(await makeUser())
  const submission = randomUUID()
  await make(rosa, submission, { name: 'First' })

  await expect(make(rosa, submission, { name: 'Corrected' })).rejects.toThrow(AlreadySent)
  expect((await make(rosa, submission, { name: 'First' })).repeated).toBe(true)
})

test('two forms create two records, and so does a request that carries no submission', async () => {
  const rosa = as(await makeUser())

  const answers = [
    await make(rosa, randomUUID()),
    await make(rosa, randomUUID()),
    await make(rosa, undefined),
    await make(rosa, undefined),
  ]

  expect(new Set(answers.map(({ id }) => id)).size).toBe(4)
})

test('a creation that fails uses nothing up: the same form can be sent again', async () => {
  const rosa = as(await makeUser())
  const submission = randomUUID()
  const failing = inTransaction(rosa, (scope) => once(scope, submission, {}, () => Promise.reject(new Error('no'))))
  await expect(failing).rejects.toThrow('no')

  expect((await make(rosa, submission)).repeated).toBe(false)
})

test("somebody else's submission is refused, and tells nothing of their record", async () => {
  const [rosa, emil] = [as(await makeUser()), as(await makeUser())]
  const submission = randomUUID()
  await make(rosa, submission)

  await expect(make(emil, submission)).rejects.toThrow(Conflict)
})

test('submissions are forgotten after a day', async () => {
  const rosa = as(await makeUser())
  const [old, recent] = [randomUUID(), randomUUID()]
  await make(rosa, old)
  await make(rosa, recent)
  await db.query(sql`UPDATE submissions SET created_at = now() - interval '25 hours' WHERE id = ${old}::uuid`)

  await forgetSubmissions(db)

  expect((await db.records.submission.findMany({ where: { id: { in: [old, recent] } } })).map(({ id }) => id)).toEqual([
    recent,
  ])
})
