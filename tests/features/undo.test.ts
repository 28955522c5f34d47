import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  completeActivity,
  deleteActivity,
  reassignActivity,
  snoozeActivity,
} from '../../src/features/activities/commands.ts'
import { archiveClient, updateClient } from '../../src/features/clients/commands.ts'
import { completeFollowUp, snoozeFollowUp } from '../../src/features/communications/commands.ts'
import { archiveContact, makePrimaryContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal, changeDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal, reopenDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { undo } from '../../src/features/history/commands/undoing.ts'
import { markLeadLost, updateLead } from '../../src/features/leads/commands.ts'
import { convertToClient, convertToDeal } from '../../src/features/leads/conversion.ts'
import { deleteProject } from '../../src/features/projects/commands.ts'
import { createTeam } from '../../src/features/teams/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { businessRows, changesOf, inOneSet } from '../support/history.ts'
import { as, makeUser, system } from '../support/people.ts'
import {
  makeActivity,
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
} from '../support/records.ts'
import { listDealActivities, listLeadActivities } from '../support/stories.ts'

let account: Account
let rosa: Scope
let emil: Scope

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa Winter' })
  rosa = as(account)
  emil = as(await makeUser({ name: 'Emil Sommer' }))
})

async function nameOfClient(id: number): Promise<string> {
  return (await db.records.client.findUniqueOrThrow({ where: { id } })).name
}

describe('each of these is taken back as one, to the last column', () => {
  const kinds: Record<string, (scope: Scope) => Promise<(scope: Scope) => Promise<unknown>>> = {
    'an edit of a client': async (scope) => {
      const { id } = await makeClient(scope, { tags: ['old'] })
      return (scope) => updateClient(scope, id, { name: 'Other', tags: ['new', 'newer'], phone: '+49 30 1' })
    },
    'an edit of a lead': async (scope) => {
      const { id } = await makeLead(scope, { estimatedValue: '99999999999999.99' })
      return (scope) => updateLead(scope, id, { estimatedValue: '1', score: 7, status: 'qualified' })
    },
    'an archiving': async (scope) => {
      const { id } = await makeClient(scope)
      return (scope) => archiveClient(scope, id)
    },
    'the archiving of a primary contact': async (scope) => {
      const { id } = await makeContact(scope, (await makeClient(scope)).id)
      return (scope) => archiveContact(scope, id)
    },
    'a new primary contact': async (scope) => {
      const client = await makeClient(scope)
      await makeContact(scope, client.id, { role: 'primary' })
      const { id } = await makeContact(scope, client.id)
      return (scope) => makePrimaryContact(scope, id)
    },
    'a move to another stage': async (scope) => {
      const { id } = await makeDeal(scope)
      return (scope) => moveDeal(scope, id, { stage: 'negotiation' })
    },
    'a move within a column': async (scope) => {
      const { id } = await makeDeal(scope)
      await makeDeal(scope)
      return (scope) => moveDeal(scope, id, { stage: 'prospecting' })
    },
    'a deal that was won': async (scope) => {
      const { id } = await makeDeal(scope)
      return (scope) => closeDeal(scope, id, { outcome: 'won' })
    },
    'a deal that was lost': async (scope) => {
      const { id } = await makeDeal(scope)
      return (scope) => closeDeal(scope, id, { outcome: 'lost', lossReason: 'Price' })
    },
    'a reopening': async (scope) => {
      const { id } = await makeDeal(scope)
      await closeDeal(scope, id, { outcome: 'lost', lossReason: 'Price' })
      return (scope) => reopenDeal(scope, id)
    },
    'an edit of a deal, with value, owner and stage': async (scope) => {
      const { id } = await makeDeal(scope)
      const ownerId = emil.user.id
      return (scope) =>
        changeDeal(scope, id, { value: '7', ownerId, stage: 'proposal', expectedCloseDate: '2027-01-01' })
    },
    'a lead marked as lost': async (scope) => {
      const { id } = await makeLead(scope)
      return (scope) => markLeadLost(scope, id, 'No budget')
    },
    'a conversion to a client': async (scope) => {
      const { id } = await makeLead(scope)
      return (scope) => convertToClient(scope, id, { client: 'new', contact: 'new' })
    },
    'a conversion to a deal': async (scope) => {
      const { id } = await makeLead(scope, { estimatedValue: '5' })
      return (scope) => convertToDeal(scope, id, { client: 'new', contact: 'new' })
    },
    'a second conversion, to a deal': async (scope) => {
      const { id } = await makeLead(scope)
      await convertToClient(scope, id, { client: 'new', contact: 'new' })
      return (scope) => convertToDeal(scope, id, {})
    },
    'a completed activity': async (scope) => {
      const { id } = await makeActivity(scope, 'deal', (await makeDeal(scope)).id, {
        dueDate: '2026-01-05',
        dueTime: '14:30',
      })
      return (scope) => completeActivity(scope, 'deal', id)
    },
    'an activity put off': async (scope) => {
      const { id } = await makeActivity(scope, 'lead', (await makeLead(scope)).id, { dueDate: '2026-01-05' })
      return (scope) => snoozeActivity(scope, 'lead', id, { until: 'tomorrow' })
    },
    'an activity given to somebody else': async (scope) => {
      const { id } = await makeActivity(scope, 'lead', (await makeLead(scope)).id)
      return (scope) => reassignActivity(scope, 'lead', id, emil.user.id)
    },
    'a deleted activity': async (scope) => {
      const { id } = await makeActivity(scope, 'lead', (await makeLead(scope)).id, {
        dueDate: '2026-01-05',
        dueTime: '08:00',
      })
      return (scope) => deleteActivity(scope, 'lead', id)
    },
    'a completed follow-up': async (scope) => {
      const contact = await makeContact(scope, (await makeClient(scope)).id)
      const { id } = await makeCommunication(scope, contact.id, { followUpDate: '2026-01-05' })
      return (scope) => completeFollowUp(scope, id)
    },
    'a follow-up put off': async (scope) => {
      const contact = await makeContact(scope, (await makeClient(scope)).id)
      const { id } = await makeCommunication(scope, contact.id, { followUpDate: '2026-01-05' })
      return (scope) => snoozeFollowUp(scope, id, { until: 'nextWeek' })
    },
    'a deleted project, with the links to it': async (scope) => {
      const client = await makeClient(scope)
      const project = await makeProject(scope, client.id)
      await makeDeal(scope, { clientId: client.id, relatedProjectId: project.id })
      return (scope) => deleteProject(scope, project.id)
    },
    'a new client': async () => (scope) => makeClient(scope),
    'a new primary contact in place of another': async (scope) => {
      const client = await makeClient(scope)
      await makeContact(scope, client.id, { isPrimary: true })
      return (scope) => makeContact(scope, client.id, { isPrimary: true })
    },
    'a new deal': async () => (scope) => makeDeal(scope),
  }

  test.each(Object.entries(kinds))('%s, and back again', async (_, prepare) => {
    const act = await prepare(rosa)
    const before = await businessRows()
    const { changeSet } = await inOneSet(rosa, act)
    const after = await businessRows()
    expect(after).not.toEqual(before)

    const undone = await undo(rosa, changeSet)
    expect(await businessRows()).toEqual(before)
    const redone = await undo(rosa, undone.changeSet)
    expect(await businessRows()).toEqual(after)
    await undo(rosa, redone.changeSet)
    expect(await businessRows()).toEqual(before)
  })
})

describe('an undo', () => {
  test('is a change-set of its own, by whoever did it, and says what it undid', async () => {
    const { id } = await makeClient(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Other' }))

    const { changeSet: own } = await undo(emil, changeSet)

    expect(own).not.toBe(changeSet)
    expect(await changesOf(own)).toEqual([
      { table: 'clients', operation: 'update', undoes: changeSet, actor: String(emil.user.id) },
    ])
    await updateClient(rosa, id, { name: 'Later' })
    const [last] = await db.query<{ undoes: string | null }>(sql`SELECT undoes FROM changes ORDER BY id DESC LIMIT 1`)
    expect(last).toEqual({ undoes: null })
  })

  test('leaves alone what was changed since in other columns', async () => {
    const { id } = await makeClient(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Other' }))
    await updateClient(emil, id, { website: 'https://acme.example.com' })

    await undo(rosa, changeSet)

    expect(await db.records.client.findUniqueOrThrow({ where: { id } })).toMatchObject({
      name: 'Acme Forklifts',
      website: 'https://acme.example.com',
    })
  })

  test('is refused when the same was changed since, and says by whom', async () => {
    const { id } = await makeClient(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Other' }))
    await updateClient(emil, id, { name: 'Third' })

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({
      status: 409,
      key: 'history.errors.changedSince',
      values: {
        who: 'Emil Sommer',
        what: expect.stringContaining('Third') as string,
        when: expect.stringMatching(/\d/) as string,
      },
    })
    expect(await nameOfClient(id)).toBe('Third')
  })

  test('is refused even when somebody has meanwhile set it back by hand', async () => {
    const { id } = await makeClient(rosa, { name: 'First' })
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Second' }))
    await updateClient(emil, id, { name: 'Third' })
    await updateClient(emil, id, { name: 'Second' })

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({ key: 'history.errors.changedSince' })
  })

  test('goes through when what stood on it was undone itself', async () => {
    const { id } = await makeClient(rosa, { name: 'First' })
    const second = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Second' }))
    const third = await inOneSet(emil, (scope) => updateClient(scope, id, { name: 'Third' }))
    await undo(rosa, third.changeSet)

    await undo(rosa, second.changeSet)

    expect(await nameOfClient(id)).toBe('First')
  })

  test('is refused the second time, and says who was first', async () => {
    const { id } = await makeClient(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Other' }))
    await undo(emil, changeSet)

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({
      status: 409,
      key: 'history.errors.undoneAlready',
      values: { who: 'Emil Sommer' },
    })
  })

  test('of a conversion is refused while something stands on what it made', async () => {
    const lead = await makeLead(rosa)
    const { changeSet, result } = await inOneSet(rosa, (scope) =>
      convertToDeal(scope, lead.id, { client: 'new', contact: 'new' }),
    )
    await makeActivity(emil, 'deal', result.dealId, { subject: 'Ring them' })

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({
      status: 409,
      key: 'history.errors.referred',
      values: { who: 'Emil Sommer', what: expect.stringContaining('Ring them') as string },
    })
    expect(await db.records.deal.count({ where: { id: result.dealId } })).toBe(1)
  })

  test('of a conversion is refused when what it made was changed since', async () => {
    const lead = await makeLead(rosa)
    const { changeSet, result } = await inOneSet(rosa, (scope) =>
      convertToDeal(scope, lead.id, { client: 'new', contact: 'new' }),
    )
    await moveDeal(emil, result.dealId, { stage: 'proposal' })

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({ key: 'history.errors.changedSince' })
  })

  test('of a conversion leaves the lead to be converted again', async () => {
    const lead = await makeLead(rosa)
    const { changeSet, result } = await inOneSet(rosa, (scope) =>
      convertToDeal(scope, lead.id, { client: 'new', contact: 'new' }),
    )

    const { removed } = await undo(rosa, changeSet)

    expect(removed).toContainEqual(expect.objectContaining({ table: 'deals', id: result.dealId }))
    expect(await db.records.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({
      status: 'new',
      convertedToClientId: null,
      convertedToDealId: null,
      convertedAt: null,
    })
    await convertToDeal(rosa, lead.id, { client: 'new', contact: 'new' })
  })

  test('of the first conversion waits for the second', async () => {
    const lead = await makeLead(rosa)
    const first = await inOneSet(rosa, (scope) => convertToClient(scope, lead.id, { client: 'new', contact: 'new' }))
    const second = await inOneSet(rosa, (scope) => convertToDeal(scope, lead.id, {}))

    await expect(undo(rosa, first.changeSet)).rejects.toMatchObject({ status: 409 })
    await undo(rosa, second.changeSet)
    await undo(rosa, first.changeSet)
    expect(await db.records.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({ status: 'new' })
  })

  test('that would break a promise of the database is a conflict', async () => {
    const client = await makeClient(rosa)
    const first = await makeContact(rosa, client.id)
    const second = await makeContact(rosa, client.id)
    const { changeSet } = await inOneSet(rosa, (scope) => makePrimaryContact(scope, second.id))
    await archiveContact(rosa, first.id)

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({ status: 409, key: 'history.errors.inTheWay' })
  })

  test('gives nothing back to somebody who has left', async () => {
    const leaver = await makeUser({ name: 'Lee Ver' })
    const client = await makeClient(rosa, { ownerId: leaver.id })
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, client.id, { ownerId: account.id }))
    await db.pool.query(
      `BEGIN; SELECT set_config('dealwright.actor', 'system', true); UPDATE users SET is_active = false WHERE id = ${leaver.id}; COMMIT`,
    )

    await expect(undo(rosa, changeSet)).rejects.toMatchObject({ status: 409, values: { name: 'Lee Ver' } })
  })

  test('of what there is not, or of settings, is not found, and for an administrator a conflict', async () => {
    const { changeSet } = await inOneSet(system, (scope) => createTeam(scope, { name: 'East' }))
    const admin = as(await makeUser({ role: 'admin' }))

    await expect(undo(rosa, '00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ status: 404 })
    await expect(undo(rosa, changeSet)).rejects.toMatchObject({ status: 404 })
    await expect(undo(admin, changeSet)).rejects.toMatchObject({ status: 409, key: 'history.errors.notUndoable' })
  })

  test('is for those who may change the records: 403 for viewers, 404 for what one does not see', async () => {
    const { id } = await makeClient(rosa, { ownerId: account.id })
    const { changeSet } = await inOneSet(rosa, (scope) => updateClient(scope, id, { name: 'Other' }))
    const viewer = as(await makeUser({ role: 'viewer' }))
    const stranger = as(await makeUser({ visibility: 'own' }))

    await expect(undo(viewer, changeSet)).rejects.toMatchObject({ status: 403 })
    await expect(undo(stranger, changeSet)).rejects.toMatchObject({ status: 404 })
    expect(await nameOfClient(id)).toBe('Other')
  })

  test('is told among the activities, from what to what, and what it took back stays told', async () => {
    const deal = await makeDeal(rosa, { value: '10' })
    const { changeSet } = await inOneSet(rosa, (scope) =>
      changeDeal(scope, deal.id, { value: '20', stage: 'proposal' }),
    )
    await undo(emil, changeSet)

    const told = (await listDealActivities(rosa, deal.id)).map(({ type, details, creatorName }) => ({
      type,
      details,
      creatorName,
    }))
    expect(told).toHaveLength(4)
    expect(told).toContainEqual({
      type: 'value_change',
      creatorName: 'Emil Sommer',
      details: { from: { value: '20', currencyCode: 'EUR' }, to: { value: '10', currencyCode: 'EUR' } },
    })
    expect(told).toContainEqual({
      type: 'stage_change',
      creatorName: 'Emil Sommer',
      details: { from: { key: 'proposal', name: null }, to: { key: 'prospecting', name: null } },
    })
  })

  test('of a loss is told at the lead', async () => {
    const { id } = await makeLead(rosa, { status: 'contacted' })
    const { changeSet } = await inOneSet(rosa, (scope) => markLeadLost(scope, id, 'No budget'))
    await undo(rosa, changeSet)

    const [last] = await listLeadActivities(rosa, id)
    expect(last).toMatchObject({ type: 'status_change', details: { from: 'lost', to: 'contacted' } })
  })

  test('of a move lets the stay in the stage go on', async () => {
    const { id } = await makeDeal(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => moveDeal(scope, id, { stage: 'proposal' }))
    await undo(rosa, changeSet)

    const stays = await db.records.dealStageStay.findMany({ where: { dealId: id } })
    expect(stays.map(({ stage }) => stage)).toEqual(['proposal'])
    const history = await db.records.dealHistory.findMany({ where: { dealId: id }, orderBy: { id: 'asc' } })
    expect(history.map(({ stage }) => stage)).toEqual(['prospecting', 'proposal', 'prospecting'])
  })

  test('asked for by eight at once happens once', async () => {
    const lead = await makeLead(rosa)
    const sets = [
      (await inOneSet(rosa, (scope) => updateLead(scope, lead.id, { title: 'Head' }))).changeSet,
      (await inOneSet(rosa, (scope) => makeClient(scope))).changeSet,
      (await inOneSet(rosa, (scope) => convertToDeal(scope, lead.id, { client: 'new', contact: 'new' }))).changeSet,
    ]
    for (const changeSet of sets) {
      const answers = await Promise.allSettled(Array.from({ length: 8 }, () => undo(rosa, changeSet)))
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const answer of answers)
        if (answer.status === 'rejected')
          expect(answer.reason).toMatchObject({ status: 409, key: 'history.errors.undoneAlready' })
    }
  })

  test('and an edit of the same at once: one of them has it', async () => {
    const { id } = await makeDeal(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => changeDeal(scope, id, { name: 'Second' }))
    const answers = await Promise.allSettled([undo(rosa, changeSet), changeDeal(emil, id, { name: 'Third' })])

    const { name } = await db.records.deal.findUniqueOrThrow({ where: { id } })
    expect(answers[1].status).toBe('fulfilled')
    expect(name).toBe('Third')
    expect((await changesOf(changeSet)).length).toBe(1)
  })

  test('does not bring back what was archived or erased of others', async () => {
    const { id } = await makeDeal(rosa)
    const { changeSet } = await inOneSet(rosa, (scope) => changeDeal(scope, id, { name: 'Second' }))
    await archiveDeal(rosa, id)
    await undo(rosa, changeSet)
    expect(await db.records.deal.findUniqueOrThrow({ where: { id } })).toMatchObject({
      isActive: false,
      name: 'Forklifts for Acme',
    })

    const lead = await makeLead(rosa)
    const edit = await inOneSet(rosa, (scope) => updateLead(scope, lead.id, { email: 'emil@example.com' }))
    await db.pool.query(
      `BEGIN; SELECT set_config('dealwright.actor', 'system', true); SELECT redact_changes('leads', ${lead.id}, '{email}'); COMMIT`,
    )
    await expect(undo(rosa, edit.changeSet)).rejects.toMatchObject({ status: 409, key: 'history.errors.erased' })
  })
})
