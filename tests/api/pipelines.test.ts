import { beforeAll, expect, test } from 'vitest'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'

let admin: Program
let member: Program

beforeAll(async () => {
  admin = await program(await makeUser({ role: 'admin' }))
  member = await program(await makeUser())
})

interface Stage {
  id: number
  key: string
  version: number
}
interface Pipeline {
  id: number
  isDefault: boolean
  stages: Stage[]
}

async function makePipeline(): Promise<Pipeline> {
  return (await admin.send('post', '/pipelines', { name: 'Service contracts' })).body as Pipeline
}
const keysOf = ({ stages }: Pipeline) => stages.map(({ key }) => key)

test('everybody reads them with their stages in order, and nothing of what is in them', async () => {
  const answer = await member.get('/pipelines')
  const standard = (answer.body as { data: Pipeline[] }).data.find(({ isDefault }) => isDefault)!

  expect(answer.status).toBe(200)
  expect(keysOf(standard)).toEqual([
    'prospecting',
    'qualification',
    'proposal',
    'negotiation',
    'closed_won',
    'closed_lost',
  ])
  expect(answer.text).not.toContain('dealCount')
})

test('only administrators change them', async () => {
  const pipeline = await makePipeline()
  const manager = await program(await makeUser({ role: 'manager' }))

  for (const [method, path, body] of [
    ['post', '/pipelines', { name: 'Mine' }],
    ['patch', `/pipelines/${pipeline.id}`, { name: 'Mine' }],
    ['post', `/pipelines/${pipeline.id}/make-default`, undefined],
    ['delete', `/stages/${pipeline.stages[0]!.id}`, undefined],
  ] as const)
    expect((await manager.send(method, path, body)).status).toBe(403)
  const locked = await manager.send('patch', `/stages/${pipeline.stages[0]!.id}`, {}, { 'If-Match': '"1"' })
  expect(locked.status).toBe(403)
})

test('stages are added, moved, changed by their versions and deleted', async () => {
  const { id: pipelineId, stages } = await makePipeline()
  const made = await admin.send('post', '/stages', { pipelineId, name: 'Vor Ort', probability: 40 })
  const stage = made.body as Stage

  expect([made.status, made.headers.location]).toEqual([201, `/api/v1/stages/${stage.id}`])
  const moved = await admin.send('post', `/stages/${stage.id}/move`, { direction: 'up' }, { 'If-Match': '"1"' })
  const stale = await admin.send('patch', `/stages/${stage.id}`, { probability: 45 }, { 'If-Match': '"1"' })
  const changed = await admin.send('patch', `/stages/${stage.id}`, { probability: 45, version: 2 })
  const gone = await admin.send('delete', `/stages/${stages[0]!.id}`)

  expect([moved, stale, changed, gone].map(({ status }) => status)).toEqual([200, 412, 200, 200])
  expect(keysOf((await member.get(`/pipelines/${pipelineId}`)).body as Pipeline)).toEqual([
    'qualification',
    'proposal',
    'vor_ort',
    'negotiation',
    'closed_won',
    'closed_lost',
  ])
})

test('what holds deals, is the default or has an end is kept', async () => {
  const { id: pipelineId, stages } = await makePipeline()
  await makeDeal(as(await makeUser()), { pipelineId, stage: 'proposal' })
  const stage = (key: string) => stages.find((each) => each.key === key)!.id
  const { data } = (await member.get('/pipelines')).body as { data: Pipeline[] }
  const standard = data.find(({ isDefault }) => isDefault)!

  for (const path of [
    `/pipelines/${pipelineId}`,
    `/pipelines/${standard.id}`,
    `/stages/${stage('proposal')}`,
    `/stages/${stage('closed_won')}`,
  ])
    expect((await admin.send('delete', path)).status).toBe(409)
})

test('a stage of no pipeline is refused at its field', async () => {
  const answer = await admin.send('post', '/stages', { pipelineId: 2_000_000_000, name: 'Nowhere', probability: 10 })

  expect([answer.status, Object.keys((answer.body as { errors: object }).errors)]).toEqual([422, ['pipelineId']])
})

test('eight make different ones the default at once: one is', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, makePipeline))

  const answers = await Promise.all(made.map(({ id }) => admin.send('post', `/pipelines/${id}/make-default`)))

  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  const { data } = (await member.get('/pipelines')).body as { data: Pipeline[] }
  expect(data.filter(({ isDefault }) => isDefault)).toHaveLength(1)
})
