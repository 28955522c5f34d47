import { beforeEach, describe, expect, test } from 'vitest'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import {
  createPipeline,
  createStage,
  deletePipeline,
  deleteStage,
  makeDefaultPipeline,
  moveStage,
  renamePipeline,
  updateStage,
} from '../../src/features/pipelines/commands.ts'
import { allStages, findPipeline, findStage, listPipelines } from '../../src/features/pipelines/queries.ts'
import { otherPipelines, stagesIn } from '../../src/features/pipelines/stages.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'

let nora: Scope

beforeEach(async () => {
  nora = as(await makeUser({ role: 'admin' }))
})

const make = async (name = 'Renewals') => (await createPipeline(nora, { name })).id
const keysOf = async (id: number) => (await findPipeline(nora, id)).stages.map(({ key }) => key)
const stageOf = async (id: number, key: string) => {
  const stage = (await findPipeline(nora, id)).stages.find((stage) => stage.key === key)
  if (!stage) throw new Error(`no stage ${key}`)
  return stage
}

describe('a pipeline', () => {
  test('begins with the stages of the default one, once for one form, and takes deals', async () => {
    const submission = crypto.randomUUID()
    const { id } = await createPipeline(nora, { name: 'Partners', submission })
    expect(await createPipeline(nora, { name: 'Partners', submission })).toEqual({ id, repeated: true })

    expect(await keysOf(id)).toEqual([
      'prospecting',
      'qualification',
      'proposal',
      'negotiation',
      'closed_won',
      'closed_lost',
    ])
    const deal = await makeDeal(nora, { pipelineId: id })
    expect(await findDeal(nora, deal.id)).toMatchObject({ pipelineId: id, stage: 'prospecting', probability: 10 })
    expect((await stageOf(id, 'prospecting')).dealCount).toBe(1)
  })

  test('is renamed with the version that was read', async () => {
    const id = await make()
    const { version } = await findPipeline(nora, id)
    await renamePipeline(nora, id, { name: 'Renewals', version })
    expect((await findPipeline(nora, id)).version).toBe(version)

    await renamePipeline(nora, id, { name: 'Extensions', version })
    await expect(renamePipeline(nora, id, { name: 'Lost', version })).rejects.toMatchObject({ status: 409 })
    expect((await findPipeline(nora, id)).name).toBe('Extensions')
    await expect(renamePipeline(nora, 2_147_483_647, { name: 'x' })).rejects.toMatchObject({ status: 404 })
  })

  test('is the default alone, whichever of eight was asked for last', async () => {
    const before = (await listPipelines(nora)).find(({ isDefault }) => isDefault)!
    const ids = [await make('A'), await make('B')]

    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, turn) => makeDefaultPipeline(nora, ids[turn % 2]!)),
    )

    expect(answers.every(({ status }) => status === 'fulfilled')).toBe(true)
    const defaults = (await listPipelines(nora)).filter(({ isDefault }) => isDefault)
    expect(defaults).toHaveLength(1)
    expect(ids).toContain(defaults[0]!.id)
    expect(stagesIn(await allStages(nora), null)[0]!.pipelineId).toBe(defaults[0]!.id)
    await expect(makeDefaultPipeline(nora, 2_147_483_647)).rejects.toMatchObject({ status: 404 })
    await makeDefaultPipeline(nora, before.id)
    expect(otherPipelines(await allStages(nora), null).map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
  })

  test('is deleted while it holds no deals, archived ones among them, and is not the default', async () => {
    const id = await make()
    const deal = await makeDeal(nora, { pipelineId: id })
    await archiveDeal(nora, deal.id)
    await expect(deletePipeline(nora, id)).rejects.toMatchObject({ key: 'pipelines.errors.pipelineInUse' })
    expect(await keysOf(id)).toHaveLength(6)

    const empty = await make('Empty')
    await deletePipeline(nora, empty)
    await expect(findPipeline(nora, empty)).rejects.toMatchObject({ status: 404 })
    const [first] = (await listPipelines(nora)).filter(({ isDefault }) => isDefault)
    await expect(deletePipeline(nora, first!.id)).rejects.toMatchObject({ key: 'pipelines.errors.default' })
  })

  test('is deleted by one while another puts a deal there: never both', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const id = await make()
      const [deleted, made] = await Promise.allSettled([deletePipeline(nora, id), makeDeal(nora, { pipelineId: id })])
      expect([deleted.status, made.status].filter((status) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  test('is an administrator’s to change', async () => {
    const id = await make()
    const stage = await stageOf(id, 'proposal')
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const other = as(await makeUser({ role }))
      for (const act of [
        () => createPipeline(other, { name: 'x' }),
        () => renamePipeline(other, id, { name: 'x' }),
        () => makeDefaultPipeline(other, id),
        () => deletePipeline(other, id),
        () => createStage(other, id, { name: 'x', probability: 1 }),
        () => updateStage(other, stage.id, { probability: 1 }),
        () => moveStage(other, stage.id, 'up'),
        () => deleteStage(other, stage.id),
      ])
        await expect((async () => act())()).rejects.toMatchObject({ status: 403 })
    }
    expect((await findPipeline(nora, id)).name).toBe('Renewals')
  })
})

describe('a stage', () => {
  test('comes behind the open ones, under a key that is made of its name and is its own', async () => {
    const id = await make()
    await createStage(nora, id, { name: 'Vor-Ort: Besuch!', probability: 60, staleAfterDays: 7 })
    await createStage(nora, id, { name: '商談', probability: 65 })
    await createStage(nora, id, { name: '3. Größe', probability: 70 })
    await createStage(nora, id, { name: 'Größe', probability: 70 })

    expect(await keysOf(id)).toEqual([
      'prospecting',
      'qualification',
      'proposal',
      'negotiation',
      'vor_ort_besuch',
      'stage',
      'gro_e',
      'gro_e_2',
      'closed_won',
      'closed_lost',
    ])
    expect(await stageOf(id, 'vor_ort_besuch')).toMatchObject({ kind: 'open', probability: 60, staleAfterDays: 7 })
    await expect(createStage(nora, id, { name: 'GRÖSSE', probability: 1 })).resolves.toBeDefined()
    await expect(createStage(nora, id, { name: 'größe', probability: 1 })).rejects.toMatchObject({ field: 'name' })
    await expect(createStage(nora, 2_147_483_647, { name: 'x', probability: 1 })).rejects.toMatchObject({ status: 404 })
  })

  test('made eight at once leaves each in a place of its own', async () => {
    const id = await make()
    await Promise.all(
      Array.from({ length: 8 }, (_, turn) => createStage(nora, id, { name: `Step ${turn}`, probability: 50 })),
    )
    const { stages } = await findPipeline(nora, id)
    expect(new Set(stages.map(({ position }) => position)).size).toBe(14)
    expect(stages.slice(-2).map(({ kind }) => kind)).toEqual(['won', 'lost'])
  })

  test('keeps the deals that are in it as they are when its probability changes', async () => {
    const id = await make()
    const deal = await makeDeal(nora, { pipelineId: id, stage: 'proposal' })
    const { id: stageId, version } = await stageOf(id, 'proposal')
    await updateStage(nora, stageId, { name: 'Offer', probability: 55, staleAfterDays: null, version })

    expect(await findDeal(nora, deal.id)).toMatchObject({ probability: 50, stageName: 'Offer' })
    const next = await makeDeal(nora, { pipelineId: id, stage: 'proposal' })
    expect(await findDeal(nora, next.id)).toMatchObject({ probability: 55 })
    await expect(updateStage(nora, stageId, { name: 'Late', version })).rejects.toMatchObject({ status: 409 })
    await updateStage(nora, stageId, { name: null })
    expect((await stageOf(id, 'proposal')).name).toBeNull()
    const { id: own } = await createStage(nora, id, { name: 'Own', probability: 50 })
    await expect(updateStage(nora, own, { name: null })).rejects.toMatchObject({ field: 'name' })
    await expect(updateStage(nora, own, { name: 'own' })).resolves.toBeDefined()
  })

  test('of what is won or lost may be renamed, and no more', async () => {
    const id = await make()
    const won = await stageOf(id, 'closed_won')
    await updateStage(nora, won.id, { name: 'Signed' })
    await expect(updateStage(nora, won.id, { probability: 90 })).rejects.toMatchObject({ field: 'probability' })
    await expect(moveStage(nora, won.id, 'up')).rejects.toMatchObject({ status: 409 })
    await expect(deleteStage(nora, won.id)).rejects.toMatchObject({ status: 409 })
    expect(await stageOf(id, 'closed_won')).toMatchObject({ name: 'Signed', probability: 100, position: won.position })
  })

  test('changes places with its neighbour, and stays at the end of the open ones', async () => {
    const id = await make()
    const { id: proposal } = await stageOf(id, 'proposal')
    expect(await moveStage(nora, proposal, 'down')).toMatchObject({ moved: true })
    expect(await moveStage(nora, proposal, 'down')).toMatchObject({ moved: false })
    expect((await keysOf(id)).slice(0, 5)).toEqual([
      'prospecting',
      'qualification',
      'negotiation',
      'proposal',
      'closed_won',
    ])
    await Promise.all(Array.from({ length: 8 }, () => moveStage(nora, proposal, 'up')))
    expect((await keysOf(id))[0]).toBe('proposal')
  })

  test('is deleted while no deal stands in it, and while it is not the last open one', async () => {
    const id = await make()
    const { id: proposal } = await stageOf(id, 'proposal')
    const deal = await makeDeal(nora, { pipelineId: id, stage: 'proposal' })
    await expect(deleteStage(nora, proposal)).rejects.toMatchObject({ key: 'pipelines.errors.stageInUse' })
    await moveDeal(nora, deal.id, { stage: 'negotiation' })

    await deleteStage(nora, proposal)
    await expect(findStage(nora, proposal)).rejects.toMatchObject({ status: 404 })
    const rest = (await findPipeline(nora, id)).stages.filter(
      ({ kind, dealCount }) => kind === 'open' && dealCount === 0,
    )
    for (const stage of rest) await deleteStage(nora, stage.id)
    await expect(deleteStage(nora, (await stageOf(id, 'negotiation')).id)).rejects.toMatchObject({
      key: 'pipelines.errors.lastOpen',
    })
  })
})
