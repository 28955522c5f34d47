import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { completeActivity, snoozeActivity } from '../../src/features/activities/commands.ts'
import { archiveClient, restoreClient, updateClient } from '../../src/features/clients/commands.ts'
import { archiveContact, makePrimaryContact, restoreContact } from '../../src/features/contacts/commands.ts'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal, reopenDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { undo } from '../../src/features/history/commands/undoing.ts'
import { markLeadLost, reopenLead, updateLead } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { AppError } from '../../src/platform/errors.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { businessRows, changesOf, inOneSet } from '../support/history.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser())
})

interface World {
  client: number
  contacts: readonly number[]
  deals: readonly number[]
  lead: number
  activity: number
}

const STAGES = ['prospecting', 'qualification', 'proposal', 'negotiation']

/** What somebody may try; what a rule refuses leaves nothing to undo. */
const acts: readonly ((scope: Scope, world: World, number: number) => Promise<unknown>)[] = [
  (scope, { client }, number) => updateClient(scope, client, { name: `Name ${number}`, tags: [`tag ${number}`] }),
  (scope, { client }) => archiveClient(scope, client, { confirmed: true }),
  (scope, { client }) => restoreClient(scope, client),
  (scope, { client }) => makeContact(scope, client),
  (scope, { client }, number) => makeDeal(scope, { clientId: client, stage: STAGES[number % 4] }),
  (scope, { contacts }, number) => makePrimaryContact(scope, contacts[number % 2] ?? 0),
  (scope, { contacts }, number) => archiveContact(scope, contacts[number % 2] ?? 0),
  (scope, { contacts }, number) => restoreContact(scope, contacts[number % 2] ?? 0),
  (scope, { deals }, number) => moveDeal(scope, deals[number % 3] ?? 0, { stage: STAGES[number % 4] ?? '' }),
  (scope, { deals }, number) =>
    moveDeal(scope, deals[0] ?? 0, { stage: 'prospecting', beforeId: deals[1 + (number % 2)] ?? 0 }),
  (scope, { deals }, number) => changeDeal(scope, deals[number % 3] ?? 0, { value: String(number), ownerId: null }),
  (scope, { deals }, number) => closeDeal(scope, deals[number % 3] ?? 0, { outcome: 'lost', lossReason: 'Price' }),
  (scope, { deals }, number) => reopenDeal(scope, deals[number % 3] ?? 0),
  (scope, { lead }, number) => updateLead(scope, lead, { score: number, status: 'qualified' }),
  (scope, { lead }) => markLeadLost(scope, lead, 'No budget'),
  (scope, { lead }) => reopenLead(scope, lead),
  (scope, { lead }) => convertToDeal(scope, lead, { client: 'new', contact: 'new' }),
  (scope, { activity }) => completeActivity(scope, 'lead', activity),
  (scope, { activity }) => snoozeActivity(scope, 'lead', activity, { until: 'nextWeek' }),
]

async function makeWorld(): Promise<World> {
  const client = await makeClient(rosa)
  const contacts = [await makeContact(rosa, client.id, { role: 'primary' }), await makeContact(rosa, client.id)]
  const deals = [await makeDeal(rosa, { clientId: client.id }), await makeDeal(rosa), await makeDeal(rosa)]
  const lead = await makeLead(rosa)
  const activity = await makeActivity(rosa, 'lead', lead.id, { dueDate: '2026-01-05' })
  const idsOf = (records: readonly { id: number }[]) => records.map(({ id }) => id)
  return { client: client.id, contacts: idsOf(contacts), deals: idsOf(deals), lead: lead.id, activity: activity.id }
}

test('whatever was done, undone from the last to the first, was never done; and redone, is there again', async () => {
  const step = fc.record({ act: fc.nat(acts.length - 1), number: fc.nat(99) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
      const world = await makeWorld()
      const before = await businessRows()
      const done: string[] = []
      for (const { act, number } of steps) {
        const changeSet = await tried((scope) => acts[act]!(scope, world, number))
        if (changeSet) done.push(changeSet)
      }
      const after = await businessRows()

      const undos: string[] = []
      for (const changeSet of [...done].reverse()) undos.push((await undo(rosa, changeSet)).changeSet)
      expect(await businessRows()).toEqual(before)

      const redos: string[] = []
      for (const changeSet of [...undos].reverse()) redos.push((await undo(rosa, changeSet)).changeSet)
      expect(await businessRows()).toEqual(after)
      for (const changeSet of [...redos].reverse()) await undo(rosa, changeSet)
      expect(await businessRows()).toEqual(before)
    }),
    { numRuns: 12 },
  )
}, 240_000)

/** The change-set, if anything came of it. */
async function tried(work: (scope: Scope) => Promise<unknown>): Promise<string | null> {
  try {
    const { changeSet } = await inOneSet(rosa, work)
    return (await changesOf(changeSet)).length > 0 ? changeSet : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
