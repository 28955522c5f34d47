import { beforeAll, expect, test } from 'vitest'
import { closeDeal, reopenDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import { stageBar } from '../../src/features/deals/present.ts'
import { allStages, openStages } from '../../src/features/pipelines/queries.ts'
import { stagesIn } from '../../src/features/pipelines/stages.ts'
import { stageName } from '../../src/features/pipelines/words.ts'
import { translator } from '../../src/platform/i18n.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { listDealActivities } from '../support/stories.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

/** A pipeline besides the default one, with stages that no page would make together. */
function makePipeline(
  stages: readonly { key: string; kind: 'open' | 'won' | 'lost'; probability: number }[],
): Promise<number> {
  return inTransaction(rosa, async (scope) => {
    const pipeline = await scope.db.records.pipeline.create({ data: { name: 'Renewals', position: 2 } })
    await scope.db.records.pipelineStage.createMany({
      data: stages.map((stage, index) => ({
        ...stage,
        pipelineId: pipeline.id,
        name: `Stage ${stage.key}`,
        position: index + 1,
      })),
    })
    return pipeline.id
  })
}

test('a new installation has six stages, named in the reader’s language', async () => {
  const stages = stagesIn(await allStages(rosa), null)

  expect(stages.map(({ key, kind, probability }) => [key, kind, probability])).toEqual([
    ['prospecting', 'open', 10],
    ['qualification', 'open', 25],
    ['proposal', 'open', 50],
    ['negotiation', 'open', 75],
    ['closed_won', 'won', 100],
    ['closed_lost', 'lost', 0],
  ])
  expect(stages.map((stage) => stageName(translator('en'), stage))).toEqual([
    'Prospecting',
    'Qualification',
    'Proposal',
    'Negotiation',
    'Won',
    'Lost',
  ])
  expect(stageName(translator('de'), { key: 'proposal', name: null })).toBe('Angebot')
  expect(stageName(translator('de'), { key: 'proposal', name: 'Our own word' })).toBe('Our own word')
  expect((await openStages(rosa)).map(({ key }) => key)).toEqual([
    'prospecting',
    'qualification',
    'proposal',
    'negotiation',
  ])
})

test('a deal moves to another pipeline, closes and reopens there', async () => {
  const pipelineId = await makePipeline([
    { key: 'ask', kind: 'open', probability: 40 },
    { key: 'agree', kind: 'open', probability: 90 },
    { key: 'renewed', kind: 'won', probability: 100 },
    { key: 'left', kind: 'lost', probability: 0 },
  ])
  const { id } = await makeDeal(rosa)
  await moveDeal(rosa, id, { stage: 'agree', pipelineId })
  expect(await findDeal(rosa, id)).toMatchObject({
    pipelineId,
    stage: 'agree',
    probability: 90,
    stageName: 'Stage agree',
  })

  await closeDeal(rosa, id, { outcome: 'lost', lossReason: 'Price' })
  expect(await findDeal(rosa, id)).toMatchObject({ pipelineId, stage: 'left', status: 'lost' })
  await reopenDeal(rosa, id)
  expect(await findDeal(rosa, id)).toMatchObject({ pipelineId, stage: 'agree', status: 'open' })
  expect((await listDealActivities(rosa, id)).at(-1)?.details).toEqual({
    from: { key: 'prospecting', name: null },
    to: { key: 'agree', name: 'Stage agree' },
  })
})

test('a deal whose stage is gone is reopened in the first open one', async () => {
  const pipelineId = await makePipeline([
    { key: 'first', kind: 'open', probability: 15 },
    { key: 'second', kind: 'open', probability: 60 },
    { key: 'yes', kind: 'won', probability: 100 },
  ])
  const { id } = await makeDeal(rosa, { pipelineId, stage: 'second' })
  await closeDeal(rosa, id, { outcome: 'won' })
  await inTransaction(rosa, (scope) =>
    scope.db.records.pipelineStage.deleteMany({ where: { pipelineId, key: 'second' } }),
  )

  await reopenDeal(rosa, id)
  expect(await findDeal(rosa, id)).toMatchObject({ stage: 'first', status: 'open', probability: 15 })
})

test('a pipeline that has no way to lose says so', async () => {
  const pipelineId = await makePipeline([{ key: 'only', kind: 'open', probability: 15 }])
  const { id } = await makeDeal(rosa, { pipelineId })
  await expect(closeDeal(rosa, id, { outcome: 'lost', lossReason: 'Price' })).rejects.toMatchObject({ status: 422 })
})

test('the stage bar shows the way behind, the place, and the end it is to come to, or came to', async () => {
  const stages = stagesIn(await allStages(rosa), null)
  const bar = (stage: string, status: 'open' | 'won' | 'lost') =>
    stageBar(stages, { stage, status }).map(({ key, state }) => `${key} ${state}`)

  expect(bar('qualification', 'open')).toEqual([
    'prospecting done',
    'qualification current',
    'proposal ahead',
    'negotiation ahead',
    'closed_won ahead',
  ])
  expect(bar('closed_won', 'won')).toEqual([
    'prospecting done',
    'qualification done',
    'proposal done',
    'negotiation done',
    'closed_won won',
  ])
  expect(bar('closed_lost', 'lost')).toEqual([
    'prospecting ahead',
    'qualification ahead',
    'proposal ahead',
    'negotiation ahead',
    'closed_lost lost',
  ])
})
