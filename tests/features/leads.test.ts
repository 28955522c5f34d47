import { describe, expect, test } from 'vitest'
import sql from 'sql-template-tag'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import {
  archiveLead,
  createLead,
  markLeadLost,
  reopenLead,
  restoreLead,
  updateLead,
} from '../../src/features/leads/commands.ts'
import { leadList } from '../../src/features/leads/list.ts'
import { findDuplicates } from '../../src/features/leads/duplicates.ts'
import { findLead, leadForm } from '../../src/features/leads/queries.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeClient, makeLead } from '../support/records.ts'
import { listLeadActivities } from '../support/stories.ts'

const team = await makeTeam('North')
const rosa = as(await makeUser({ name: 'Rosa' }))
const emil = as(await makeUser({ name: 'Emil', visibility: 'own' }))
const nora = as(await makeUser({ name: 'Nora', visibility: 'team', teamId: team }))
const nils = as(await makeUser({ name: 'Nils', visibility: 'own', teamId: team }))
const viewer = as(await makeUser({ name: 'Vera', role: 'viewer' }))

async function found(scope: typeof rosa, query: Record<string, string>): Promise<number[]> {
  const { rows } = await leadList.fetch(scope, leadList.parse(query))
  return rows.map(({ id }) => id)
}

async function changesOf(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'leads' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

describe('creating', () => {
  test('a lead belongs to whoever enters it, in the base currency', async () => {
    const { id } = await makeLead(rosa)
    expect(await findLead(rosa, id)).toMatchObject({
      ownerId: rosa.user.id,
      currencyCode: 'EUR',
      status: 'new',
      score: null,
      estimatedValue: null,
    })
  })

  test('nobody can own a lead, but not somebody who does not exist', async () => {
    const { id } = await makeLead(rosa, { ownerId: null })
    expect((await findLead(rosa, id)).ownerId).toBeNull()
    await expect(makeLead(rosa, { ownerId: 2_000_000_000 })).rejects.toMatchObject({ field: 'ownerId', status: 422 })
  })

  test('yen have no decimals, euros have two, dinars three', async () => {
    await expect(makeLead(rosa, { estimatedValue: '10.5', currencyCode: 'JPY' })).rejects.toThrow(RuleViolation)
    await expect(makeLead(rosa, { estimatedValue: '10.505', currencyCode: 'EUR' })).rejects.toThrow(RuleViolation)
    const { id } = await makeLead(rosa, { estimatedValue: '10.505', currencyCode: 'BHD' })
    expect((await findLead(rosa, id)).estimatedValue?.toFixed()).toBe('10.505')
  })

  test('one form sent eight times at once makes one lead', async () => {
    const submission = crypto.randomUUID()
    const answers = await Promise.all(Array.from({ length: 8 }, () => makeLead(rosa, { submission })))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1)
  })

  test('a viewer creates none', async () => {
    await expect(createLead(viewer, { firstName: 'A', lastName: 'B' })).rejects.toThrow(Forbidden)
  })
})

describe('editing', () => {
  test('saving what is stored already writes nothing: no version, no change', async () => {
    const { id } = await makeLead(rosa, { estimatedValue: '12.5', tags: ['a', 'b'], score: 0 })
    const before = await findLead(rosa, id)
    const changes = await changesOf(id)
    await updateLead(rosa, id, {
      firstName: 'Emil',
      estimatedValue: '12.50',
      tags: ['a', 'b'],
      score: 0,
      email: null,
      version: before.version,
    })
    expect(await findLead(rosa, id)).toEqual(before)
    expect(await changesOf(id)).toBe(changes)
  })

  test('what is absent stays, what is null is cleared', async () => {
    const { id } = await makeLead(rosa, { email: 'emil@example.com', phone: '030 1' })
    await updateLead(rosa, id, { email: null })
    expect(await findLead(rosa, id)).toMatchObject({ email: null, phone: '030 1', version: 2 })
  })

  test('the second of two people who edit a lead is told, with what the first has saved', async () => {
    const { id, version } = await findLead(rosa, (await makeLead(rosa)).id)
    await updateLead(rosa, id, { title: 'Director', version })
    const refused: unknown = await updateLead(rosa, id, { title: 'Chief', version }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Conflict)
    expect((refused as Conflict).stored).toMatchObject({ title: 'Director', version: 2 })
    expect((await findLead(rosa, id)).title).toBe('Director')
  })

  test('eight edits of one version at once: one is saved', async () => {
    const { id, version } = await findLead(rosa, (await makeLead(rosa)).id)
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => updateLead(rosa, id, { title: `Title ${n}`, version })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('status and score leave an activity with old and new; the form shows the stored amount with its decimals', async () => {
    const { id } = await makeLead(rosa, { score: 10, estimatedValue: '1200.5' })
    await updateLead(rosa, id, { status: 'qualified', score: 60 })
    expect(await listLeadActivities(rosa, id)).toMatchObject([
      { type: 'score_change', details: { from: 10, to: 60 } },
      { type: 'status_change', details: { from: 'new', to: 'qualified' }, creatorName: 'Rosa' },
    ])
    expect(leadForm(await findLead(rosa, id)).estimatedValue).toBe('1200.50')
  })

  test('a change of currency is refused when the amount does not fit it', async () => {
    const { id } = await makeLead(rosa, { estimatedValue: '10.50' })
    await expect(updateLead(rosa, id, { currencyCode: 'JPY' })).rejects.toMatchObject({ field: 'estimatedValue' })
  })
})

describe('losing and reopening', () => {
  test('a lost lead keeps its reason and cannot be lost twice; reopening brings back where it was', async () => {
    const { id } = await makeLead(rosa, { status: 'qualified' })
    await markLeadLost(rosa, id, 'Budget')
    expect(await findLead(rosa, id)).toMatchObject({ status: 'lost', lostReason: 'Budget' })
    await expect(markLeadLost(rosa, id, 'Again')).rejects.toThrow(Conflict)
    await reopenLead(rosa, id)
    expect(await findLead(rosa, id)).toMatchObject({ status: 'qualified', lostReason: null, lostAt: null })
    await expect(reopenLead(rosa, id)).rejects.toThrow(Conflict)
  })

  test('eight at once: one loses it', async () => {
    const { id } = await makeLead(rosa)
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => markLeadLost(rosa, id, 'Price')))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await listLeadActivities(rosa, id)).toHaveLength(1)
  })
})

describe('archiving', () => {
  test('an archived lead leaves the list, still has its page, and comes back unchanged', async () => {
    const { id } = await makeLead(rosa, { lastName: 'Archivable' })
    await archiveLead(rosa, id)
    expect(await found(rosa, { q: 'archivable' })).toEqual([])
    expect((await findLead(rosa, id)).isActive).toBe(false)
    await expect(updateLead(rosa, id, { title: 'X' })).rejects.toThrow(Conflict)
    await restoreLead(rosa, id)
    expect(await found(rosa, { q: 'archivable' })).toEqual([id])
  })
})

describe('searching', () => {
  test('all words in any order, whatever their case and accents', async () => {
    const { id } = await makeLead(rosa, { firstName: 'Zoë', lastName: 'Łukasiewicz', companyName: 'Žižkov Pumps' })
    for (const q of ['zoe lukasiewicz', 'LUKASIEWICZ Zoë', 'pumps zizkov', 'uka zo'])
      expect(await found(rosa, { q })).toEqual([id])
    expect(await found(rosa, { q: 'zoe nobody' })).toEqual([])
  })

  test('percent, underscore and backslash mean themselves', async () => {
    const { id } = await makeLead(rosa, { companyName: '100%_sure\\thing' })
    for (const q of ['100%', '%_', 'sure\\thing']) expect(await found(rosa, { q })).toEqual([id])
  })

  test('nonsense in the query falls back to the whole list', async () => {
    const all = await found(rosa, {})
    expect(await found(rosa, { status: 'nonsense', owner: 'x', sort: 'nothing', cursor: 'AAAA' })).toEqual(all)
  })

  test('filters by status, owner and source', async () => {
    const { id } = await makeLead(emil, { source: 'Trade fair', status: 'contacted' })
    expect(await found(emil, { source: 'Trade fair', status: 'contacted', owner: 'me' })).toEqual([id])
    expect(await found(emil, { source: 'Trade fair', owner: 'none' })).toEqual([])
  })
})

describe('duplicates', () => {
  test('the same e-mail, phone digits or company are found among leads and clients, the archived not', async () => {
    const client = await makeClient(rosa, { name: 'Twin Ltd' })
    const twin = await makeLead(rosa, { lastName: 'Twin', companyName: null, email: 'Twin@Example.com' })
    const other = await makeLead(rosa, { lastName: 'Twin', companyName: null, phone: '+49 (30) 555-77' })
    const { id } = await makeLead(rosa, { companyName: 'twin ltd', email: 'twin@example.com', phone: '493055577' })
    const matches = await findDuplicates(rosa, await findLead(rosa, id))
    expect(matches.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual(
      [`client ${client.id}`, `lead ${other.id}`, `lead ${twin.id}`].sort(),
    )
  })
})

describe('who sees what', () => {
  test('own, team and all apply to the list, its count and the page alike', async () => {
    const ofNora = (await makeLead(nora, { lastName: 'Scoped' })).id
    const ofNils = (await makeLead(nils, { lastName: 'Scoped' })).id
    const ofEmil = (await makeLead(emil, { lastName: 'Scoped' })).id
    const ofNobody = (await makeLead(rosa, { lastName: 'Scoped', ownerId: null })).id
    const seen = async (scope: typeof rosa) => (await found(scope, { q: 'scoped' })).sort((a, b) => a - b)

    expect(await seen(rosa)).toEqual([ofNora, ofNils, ofEmil, ofNobody])
    expect(await seen(nora)).toEqual([ofNora, ofNils, ofNobody])
    expect(await seen(nils)).toEqual([ofNils, ofNobody])
    expect(await seen(emil)).toEqual([ofEmil, ofNobody])
    expect((await leadList.fetch(nils, leadList.parse({ q: 'scoped' }))).total).toEqual({ count: 2, more: false })
    await expect(findLead(nils, ofNora)).rejects.toThrow(NotFound)
    await expect(updateLead(nils, ofNora, { title: 'Mine' })).rejects.toThrow(NotFound)
    await expect(updateLead(viewer, ofNora, { title: 'Mine' })).rejects.toThrow(Forbidden)
  })
})
