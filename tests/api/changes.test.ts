import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'

let rosa: Account
let emil: Account
let api: Program

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa Winter' })
  emil = await makeUser({ name: 'Emil Sommer' })
  api = await program(rosa)
})

interface Change {
  changeSet: string
  kind: string
  who: { id: number } | null
  isUndone: boolean
  isUndoable: boolean
  changes: { noun: string; recordId: number; fields: { field: string; from: unknown; to: unknown }[] }[]
}

async function changesOf(query: string, by: Program = api): Promise<Change[]> {
  const answer = await by.get(`/changes?${query}`)
  expect([answer.status, answer.text]).toEqual([200, expect.anything()])
  return (answer.body as { data: Change[] }).data
}

describe('what was changed', () => {
  test('is told of a record, the newest first, with values as programs read them', async () => {
    const { id } = await makeDeal(as(rosa), { value: '12000', ownerId: rosa.id })
    await api.send('patch', `/deals/${id}`, {
      value: '11800.5',
      probability: 20,
      expectedCloseDate: '2026-03-31',
      ownerId: emil.id,
      tags: ['fair'],
    })

    const [changed, created] = await changesOf(`noun=deals&record=${id}`)

    expect(created).toMatchObject({ kind: 'created', who: { id: rosa.id, name: 'Rosa Winter' } })
    expect(changed).toMatchObject({ kind: 'changed', isUndone: false, isUndoable: true })
    expect(changed?.changes[0]).toMatchObject({ noun: 'deals', recordId: id })
    const fields = Object.fromEntries(changed!.changes[0]!.fields.map(({ field, from, to }) => [field, [from, to]]))
    expect(fields).toMatchObject({
      value: [
        { value: '12000.00', currencyCode: 'EUR' },
        { value: '11800.50', currencyCode: 'EUR' },
      ],
      probability: [10, 20],
      expectedCloseDate: [null, '2026-03-31'],
      ownerId: [{ name: 'Rosa Winter' }, { name: 'Emil Sommer' }],
      tags: [[], ['fair']],
    })
  })

  test('is narrowed to who, what and when, of all and of one record alike', async () => {
    const { id } = await makeLead(as(rosa))
    await makeActivity(as(emil), 'lead', id)
    const theirs = await program(emil)
    await theirs.send('post', `/leads/${id}/mark-lost`, { lostReason: 'No budget' })
    const kindsOf = async (query: string) =>
      (await changesOf(`noun=leads&record=${id}&${query}`)).map(({ kind }) => kind)

    expect(await kindsOf(`who=${emil.id}`)).toEqual(['closed', 'created'])
    expect(await kindsOf('kind=closed')).toEqual(['closed'])
    expect(await kindsOf('to=2026-01-01')).toEqual([])
    expect((await changesOf(`who=${emil.id}&kind=closed&noun=leads&from=2026-01-01`)).at(0)?.changes).toMatchObject([
      { recordId: id },
    ])
    expect(await kindsOf('from=2026-01-01')).toHaveLength(3)
  })

  test('is paged by the cursor to the end, each once', async () => {
    const { id } = await makeLead(as(rosa))
    for (let turn = 0; turn < 30; turn += 1) await api.send('patch', `/leads/${id}`, { score: turn })

    const first = await api.get(`/changes?noun=leads&record=${id}`)
    const { next } = first.body as { next: string }
    const rest = await changesOf(`noun=leads&record=${id}&cursor=${encodeURIComponent(next)}`)

    const sets = [...(first.body as { data: Change[] }).data, ...rest].map(({ changeSet }) => changeSet)
    expect([sets.length, new Set(sets).size]).toEqual([31, 31])
    expect(first.headers.link).toContain('rel="next"')
    expect((await api.get('/changes?cursor=made-up')).body).toMatchObject({ errors: { cursor: [expect.any(String)] } })
  })

  test('is told of nothing that is not to be seen', async () => {
    const own = await program(await makeUser({ visibility: 'own' }))
    const { id } = await makeLead(as(rosa), { ownerId: rosa.id })

    const answer = await own.get(`/changes?noun=leads&record=${id}`)

    expect([answer.status, Object.keys((answer.body as { errors: object }).errors)]).toEqual([422, ['record']])
    const seen = await changesOf(`who=${rosa.id}`, own)
    expect(
      seen.flatMap(({ changes }) => changes).filter(({ noun, recordId }) => noun === 'leads' && recordId === id),
    ).toEqual([])
    expect((await api.get(`/changes?record=${id}`)).body).toMatchObject({ errors: { noun: [expect.any(String)] } })
  })
})

describe('undoing', () => {
  async function lost(): Promise<{ id: number; changeSet: string }> {
    const { id } = await makeDeal(as(rosa), { ownerId: rosa.id })
    await api.send('post', `/deals/${id}/close-lost`, { lossReason: 'By mistake' })
    const [{ changeSet } = { changeSet: '' }] = await changesOf(`noun=deals&record=${id}`)
    return { id, changeSet }
  }

  test('takes a change back, and is taken back itself', async () => {
    const { id, changeSet } = await lost()

    const undone = await api.send('post', `/changes/${changeSet}/undo`)
    expect((await api.get(`/deals/${id}`)).body).toMatchObject({ status: 'open', lossReason: null })
    const { changeSet: again } = undone.body as { changeSet: string }
    expect(await changesOf(`noun=deals&record=${id}&kind=undone`)).toMatchObject([{ changeSet: again }])

    expect((await api.send('post', `/changes/${again}/undo`)).status).toBe(200)
    expect((await api.get(`/deals/${id}`)).body).toMatchObject({ status: 'lost', lossReason: 'By mistake' })
  })

  test('by eight at once is done by one', async () => {
    const { changeSet } = await lost()

    const answers = await Promise.all(Array.from({ length: 8 }, () => api.send('post', `/changes/${changeSet}/undo`)))

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409])
  })

  test('what something newer stands on is refused', async () => {
    const { id, changeSet } = await lost()
    await api.send('post', `/deals/${id}/reopen`)

    expect((await api.send('post', `/changes/${changeSet}/undo`)).status).toBe(409)
  })

  test('is nobody’s who may not, and of nothing that is not there', async () => {
    const { changeSet } = await lost()
    const viewer = await program(await makeUser({ role: 'viewer' }))
    const own = await program(await makeUser({ visibility: 'own' }))

    expect((await viewer.send('post', `/changes/${changeSet}/undo`)).status).toBe(403)
    expect((await own.send('post', `/changes/${changeSet}/undo`)).status).toBe(404)
    for (const name of ['1', 'nothing', '0b5c1f0e-8c5e-4f3a-9a55-1c8a3f1c2d4e', '%00', `${changeSet}0`])
      expect((await api.send('post', `/changes/${name}/undo`)).status).toBe(404)
  })
})
