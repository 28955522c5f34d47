import { beforeAll, describe, expect, test } from 'vitest'
import { createPipeline } from '../../src/features/pipelines/commands.ts'
import { findPipeline } from '../../src/features/pipelines/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'

const HOME = '/settings/pipelines'
let nora: Account
let admin: Visitor

beforeAll(async () => {
  nora = await makeUser({ role: 'admin' })
  admin = await browse(nora)
})

const make = async (name: string) => (await createPipeline(as(nora), { name })).id

describe('the settings of pipelines', () => {
  test('show each with its stages and how many deals stand there', async () => {
    const id = await make('<b>Partners & "Co"</b>')
    await makeDeal(as(nora), { pipelineId: id, stage: 'proposal' })

    const { text } = await admin.get(HOME)

    expect(text).toContain('&lt;b&gt;Partners &amp; &#34;Co&#34;&lt;/b&gt;')
    expect(text).toContain(`href="/deals?pipeline=${id}&amp;stage=proposal"`)
    expect((await admin.get('/settings')).text).toContain(`href="${HOME}"`)
  })

  test('make a pipeline, rename it, and add a stage', async () => {
    const created = await admin.post(`${HOME}/create`, {
      ...formFields(await admin.get(`${HOME}/create`), `${HOME}/create`),
      name: 'Tenders',
    })
    expect(created.status).toBe(303)
    const edit = String(created.headers.location)
    const id = Number(/\/(\d+)\/edit$/.exec(edit)?.[1])
    await admin.post(edit, { ...formFields(await admin.get(edit), edit), name: 'Public tenders' })
    await admin.post(`${HOME}/${id}/stages/create`, { name: 'Shortlist', probability: '66', staleAfterDays: '' })

    expect(await findPipeline(as(nora), id)).toMatchObject({ name: 'Public tenders' })
    expect((await admin.get(edit)).text).toContain('Shortlist')
    expect((await admin.get('/deals/create')).text).toContain(`href="/deals/create?pipeline=${id}"`)
    const form = formFields(await admin.get(`/deals/create?pipeline=${id}`), '/deals/create')
    expect(form).toMatchObject({ pipelineId: String(id) })
  })

  test.each([
    [{ name: ' ', probability: '50' }, 'name'],
    [{ name: 'x'.repeat(101), probability: '50' }, 'name'],
    [{ name: 'A', probability: '101' }, 'probability'],
    [{ name: 'A', probability: '1.5' }, 'probability'],
    [{ name: 'A', probability: '' }, 'probability'],
    [{ name: 'A', probability: '50', staleAfterDays: '0' }, 'staleAfterDays'],
    [{ name: 'A', probability: '50', staleAfterDays: 'soon' }, 'staleAfterDays'],
  ])('refuse the stage %j at %s, with what was typed', async (input, field) => {
    const id = await make('Refusals')
    const answer = await admin.post(`${HOME}/${id}/stages/create`, input)

    expect(answer.status).toBe(422)
    expect(answer.text).toMatch(new RegExp(`name="${field}"[^>]*aria-invalid="true"`))
    expect(formFields(answer, `${HOME}/${id}/stages/create`)).toMatchObject({ probability: input.probability })
    expect((await findPipeline(as(nora), id)).stages).toHaveLength(6)
  })

  test('say why a stage in use stays, and show its deals', async () => {
    const id = await make('In use')
    await makeDeal(as(nora), { pipelineId: id })
    const { stages } = await findPipeline(as(nora), id)
    const asked = await admin.get(`/settings/stages/${stages[0]!.id}/delete`)

    expect(asked.text).toContain(`href="/deals?pipeline=${id}&amp;stage=prospecting"`)
    expect((await admin.post(`/settings/stages/${stages[0]!.id}/delete`)).status).toBe(409)
    expect((await admin.post(`${HOME}/${id}/delete`)).status).toBe(409)
    expect((await admin.post(`/settings/stages/${stages[0]!.id}/move`, { direction: 'sideways' })).status).toBe(422)
    expect((await admin.post(`/settings/stages/${stages[0]!.id}/move`, { direction: 'down' })).status).toBe(303)
    expect((await findPipeline(as(nora), id)).stages[1]?.key).toBe('prospecting')
  })

  test('let a deal go from one pipeline to another', async () => {
    const id = await make('Elsewhere')
    const deal = await makeDeal(as(nora), { name: 'Wanderer' })
    expect((await admin.get(`/deals/${deal.id}`)).text).toContain(`name="pipelineId" value="${id}"`)

    const moved = await admin.post(`/deals/${deal.id}/move`, {
      pipelineId: String(id),
      stage: 'proposal',
      returnTo: `/deals/${deal.id}`,
    })

    expect(moved.status).toBe(303)
    expect((await admin.get(`/deals?pipeline=${id}`)).text).toContain('Wanderer')
  })
})
