import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { findProject, projectsOfClient } from '../../src/features/projects/queries.ts'
import { updateProject } from '../../src/features/projects/commands.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal, makeProject } from '../support/records.ts'

let scope: Scope
let rosa: Visitor
let acme: number

beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa' })
  scope = as(account)
  rosa = await browse(account)
})

beforeEach(async () => {
  acme = (await makeClient(scope, { name: 'Acme Forklifts' })).id
})

const createPath = () => `/clients/${acme}/projects/create`

describe('adding a project on the client’s page', () => {
  test('leads to the project, and the client lists it', async () => {
    expect((await rosa.get(`/clients/${acme}`)).text).toContain('No projects yet')
    const fields = formFields(await rosa.get(createPath()), createPath())
    expect(fields.status).toBe('planned')
    const answer = await rosa.post(createPath(), {
      ...fields,
      name: 'Hall <b>3</b> & עברית 😀',
      startDate: '2026-03-01',
      endDate: '2026-09-30',
      description: 'Two\nlines',
    })

    expect(answer.status).toBe(303)
    const shown = await rosa.get(answer.headers.location as string)
    for (const words of [
      'Hall &lt;b&gt;3&lt;/b&gt; &amp; עברית 😀',
      'Planned',
      'Mar 1, 2026',
      'Sep 30, 2026',
      'Two\nlines',
      'The project was created.',
      `href="/clients/${acme}"`,
    ])
      expect(shown.text).toContain(words)
    const client = (await rosa.get(`/clients/${acme}`)).text
    expect(client).toContain(`href="${answer.headers.location}"`)
    expect(client).toContain('Mar 1, 2026 – Sep 30, 2026')
  })

  test('sent twice leads to the same project', async () => {
    const fields = { ...formFields(await rosa.get(createPath()), createPath()), name: 'Once' }

    const [first, second] = [await rosa.post(createPath(), fields), await rosa.post(createPath(), fields)]

    expect(second.headers.location).toBe(first.headers.location)
    expect(await projectsOfClient(scope, acme)).toHaveLength(1)
  })

  test.each([
    ['name', ''],
    ['name', '   '],
    ['name', 'x'.repeat(201)],
    ['name', '😀'.repeat(201)],
    ['name', 'a\0b'],
    ['status', ''],
    ['status', 'won'],
    ['startDate', '2026-02-30'],
    ['startDate', 'soon'],
    ['endDate', '2026-13-01'],
    ['endDate', '2025-12-31'],
    ['description', 'x'.repeat(20_001)],
    ['description', 'a\0b'],
  ])('with %s %j answers 422 with the message there, and stores nothing', async (field, value) => {
    const answer = await rosa.post(createPath(), {
      name: 'Kept as typed',
      status: 'active',
      startDate: '2026-01-01',
      [field]: value,
    })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain(`id="${field}-error"`)
    expect(answer.text.match(/class="field-error"/g)).toHaveLength(1)
    if (field !== 'name') expect(answer.text).toContain('value="Kept as typed"')
    expect(await projectsOfClient(scope, acme)).toEqual([])
  })

  test.each(['name', 'status', 'startDate', 'endDate', 'description'])(
    'with two values for %s is refused or understood, but never a failure',
    async (field) => {
      const answer = await rosa.post(createPath(), { name: 'Twice', [field]: ['2026-01-01', '2026-01-02'] })

      expect(answer.status).toBe(422)
      expect(await projectsOfClient(scope, acme)).toEqual([])
    },
  )

  test('for an archived client is refused in the form, with what was typed', async () => {
    await archiveClient(scope, acme)

    const answer = await rosa.post(createPath(), { name: 'Too late' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('This client is archived. Restore it before adding projects.')
    expect(answer.text).toContain('value="Too late"')
    expect((await rosa.get(`/clients/${acme}`)).text).not.toContain('projects/create')
  })

  test('for a client that is not there, or out of sight, is a 404', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))

    for (const path of ['/clients/999999/projects/create', '/clients/abc/projects/create']) {
      expect((await rosa.get(path)).status).toBe(404)
      expect((await rosa.post(path, { name: 'A' })).status).toBe(404)
    }
    expect((await own.get(createPath())).status).toBe(404)
    expect((await own.post(createPath(), { name: 'A' })).status).toBe(404)
  })
})

describe('a project', () => {
  test('untouched in its form stays as it is', async () => {
    const { id } = await makeProject(scope, acme, {
      name: '"quoted" & <b>',
      description: 'a\n\nb',
      startDate: '2026-01-01',
    })
    const path = `/projects/${id}/edit`

    expect((await rosa.post(path, formFields(await rosa.get(path), path))).headers.location).toBe(`/projects/${id}`)
    expect((await findProject(scope, id)).version).toBe(1)
  })

  test('saves what was changed, and clears what was emptied', async () => {
    const { id } = await makeProject(scope, acme, { startDate: '2026-01-01', description: 'Gone' })
    const path = `/projects/${id}/edit`
    const fields = formFields(await rosa.get(path), path)

    await rosa.post(path, { ...fields, status: 'completed', startDate: '', description: '', endDate: '2026-05-01' })

    expect(await findProject(scope, id)).toMatchObject({
      status: 'completed',
      startDate: null,
      endDate: '2026-05-01',
      description: null,
    })
  })

  test('with an end before its start comes back with the message at the end', async () => {
    const { id } = await makeProject(scope, acme, { startDate: '2026-01-02' })

    const answer = await rosa.post(`/projects/${id}/edit`, { endDate: '2026-01-01', version: 1 })

    expect(answer.status).toBe(422)
    expect(answer.text).toMatch(/id="endDate-error"[^>]*>[\s\S]*?The end is before the start\./)
    expect(answer.text).toContain('value="2026-01-01"')
  })

  test('saved by somebody else meanwhile answers 409 with both values, and then saves by decision', async () => {
    const { id } = await makeProject(scope, acme)
    const path = `/projects/${id}/edit`
    const fields = formFields(await rosa.get(path), path)
    await updateProject(scope, id, { name: 'Saved by Emil', status: 'cancelled' })

    const answer = await rosa.post(path, { ...fields, name: 'Typed by Rosa' })

    expect(answer.status).toBe(409)
    for (const words of ['Saved by Emil', 'value="Typed by Rosa"', 'Cancelled']) expect(answer.text).toContain(words)
    await rosa.post(path, formFields(answer, path))
    expect((await findProject(scope, id)).name).toBe('Typed by Rosa')
  })

  test('shows the deals about it, in as many queries whatever their number', async () => {
    const { id } = await makeProject(scope, acme)
    const counted = async () =>
      (await queriesOf(() => rosa.get(`/projects/${id}`))).filter(
        (statement) => !/'followUp' AS kind|"?sessions"?|SET TIME ZONE/.test(statement),
      ).length
    // A page with a notice asks whether what it tells can be undone.
    await rosa.get('/deals')
    const before = await counted()
    for (const name of ['One', 'Two', 'Three']) await makeDeal(scope, { clientId: acme, relatedProjectId: id, name })

    expect(await counted()).toBe(before)
    expect(before).toBeLessThanOrEqual(5)
    const { text } = await rosa.get(`/projects/${id}`)
    for (const name of ['One', 'Two', 'Three']) expect(text).toContain(`<bdi>${name}</bdi>`)
    expect(text).toContain(`href="/deals/create?client=${acme}&amp;project=${id}"`)
    expect(text).not.toMatch(/undefined|>null|NaN|>None/)
  })

  test('starts a deal that is linked to it', async () => {
    const { id } = await makeProject(scope, acme)

    const fields = formFields(await rosa.get(`/deals/create?client=${acme}&project=${id}`), '/deals/create')

    expect(fields).toMatchObject({ clientId: String(acme), relatedProjectId: String(id) })
  })

  test('is deleted, and the client’s page says so', async () => {
    const { id } = await makeProject(scope, acme)
    expect((await rosa.get(`/projects/${id}`)).text).toContain(
      'Deals and communications stay, without their link to it.',
    )

    const answer = await rosa.post(`/projects/${id}/delete`)

    expect(answer.headers.location).toBe(`/clients/${acme}`)
    expect((await rosa.get(`/clients/${acme}`)).text).toContain('The project was deleted.')
    expect((await rosa.get(`/projects/${id}`)).status).toBe(404)
    expect((await rosa.post(`/projects/${id}/delete`)).status).toBe(404)
  })

  test('of an archived client shows it, marked', async () => {
    const { id } = await makeProject(scope, acme)
    await archiveClient(scope, acme)

    expect((await rosa.get(`/projects/${id}`)).text).toContain('The client of this project is archived.')
  })

  test.each(['/projects/999999', '/projects/0', '/projects/abc', '/projects/999999/edit', '/projects/99999999999'])(
    'that does not exist is a 404: %s',
    async (path) => {
      expect((await rosa.get(path)).status).toBe(404)
    },
  )
})

describe('who may what', () => {
  test('a viewer sees no buttons that write, and is refused when posting all the same', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { id } = await makeProject(scope, acme, { name: 'Stays' })

    for (const path of [`/projects/${id}`, `/clients/${acme}`])
      expect((await viewer.get(path)).text).not.toMatch(/\/(edit|delete)"|projects\/create/)
    for (const path of [`/projects/${id}/edit`, createPath()]) {
      expect((await viewer.get(path)).status).toBe(403)
      expect((await viewer.post(path, { name: 'No' })).status).toBe(403)
    }
    expect((await viewer.post(`/projects/${id}/delete`)).status).toBe(403)
    expect((await findProject(scope, id)).name).toBe('Stays')
  })

  test('out of sight with its client, it is a 404', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))
    const { id } = await makeProject(scope, acme)

    for (const path of [`/projects/${id}`, `/projects/${id}/edit`]) expect((await own.get(path)).status).toBe(404)
    for (const verb of ['edit', 'delete']) expect((await own.post(`/projects/${id}/${verb}`)).status).toBe(404)
  })

  test('a change without a token of the session is refused', async () => {
    const { id } = await makeProject(scope, acme)

    expect((await rosa.post(`/projects/${id}/delete`, { _csrf: 'made-up' })).status).toBe(403)
    expect((await findProject(scope, id)).id).toBe(id)
  })
})

test('in German, everything is in German', async () => {
  const german = await browse(await makeUser({ locale: 'de' }))
  const { id } = await makeProject(scope, acme, { status: 'active', startDate: '2026-03-01' })

  const pages = await Promise.all(
    [`/projects/${id}`, `/projects/${id}/edit`, createPath(), `/clients/${acme}`].map((path) => german.get(path)),
  )
  for (const { status, text } of pages) {
    expect(status).toBe(200)
    expect(text).not.toMatch(/(projects|quotes|ui)\.[a-z]+\.[a-zA-Z]+/)
  }
  expect(pages[3]?.text).toContain('ab 01.03.2026')
})
