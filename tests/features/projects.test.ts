import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { surroundingsOf } from '../../src/features/clients/queries.ts'
import { archiveDeal, changeDeal } from '../../src/features/deals/commands/changing.ts'
import { findDeal, listLinkedDeals } from '../../src/features/deals/queries.ts'
import { createProject, deleteProject, updateProject } from '../../src/features/projects/commands.ts'
import { findProject, projectForm, projectsOfClient } from '../../src/features/projects/queries.ts'
import { CreateProjectInput, UpdateProjectInput } from '../../src/features/projects/schema.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { submission } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal, makeProject } from '../support/records.ts'

let rosa: Scope
let acme: number

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

beforeEach(async () => {
  acme = (await makeClient(rosa)).id
})

async function rowsChanged(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'projects' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

describe('a project', () => {
  test('is kept as it was entered, by whom, for which client', async () => {
    const { id } = await createProject(rosa, acme, {
      name: 'Hall 3 😀',
      description: 'First line\nsecond <b>',
      status: 'active',
      startDate: '2026-03-01',
      endDate: '2026-09-30',
    })

    expect(await findProject(rosa, id)).toMatchObject({
      clientId: acme,
      name: 'Hall 3 😀',
      description: 'First line\nsecond <b>',
      status: 'active',
      startDate: '2026-03-01',
      endDate: '2026-09-30',
      version: 1,
      creatorName: 'Rosa',
      client: { id: acme, name: 'Acme Forklifts', isActive: true },
    })
  })

  test('is planned, and has no dates, unless it says otherwise', async () => {
    const { id } = await makeProject(rosa, acme)

    expect(await findProject(rosa, id)).toMatchObject({ status: 'planned', startDate: null, endDate: null })
  })

  test('submitted twice at once is one project', async () => {
    const input = { name: 'Once', submission: submission() }

    const made = await Promise.all(Array.from({ length: 8 }, () => createProject(rosa, acme, input)))

    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(made.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(await projectsOfClient(rosa, acme)).toHaveLength(1)
  })

  test('is not made for an archived client', async () => {
    await archiveClient(rosa, acme)

    await expect(makeProject(rosa, acme)).rejects.toThrow(new RuleViolation('projects.errors.clientArchived'))
    expect(await projectsOfClient(rosa, acme)).toEqual([])
  })

  test('does not end before it starts, in whichever order the two are entered', async () => {
    const wrong = { status: 422, field: 'endDate', key: 'projects.errors.endBeforeStart' }
    await expect(makeProject(rosa, acme, { startDate: '2026-03-02', endDate: '2026-03-01' })).rejects.toMatchObject(
      wrong,
    )
    const { id } = await makeProject(rosa, acme, { startDate: '2026-03-02', endDate: '2026-03-02' })

    await expect(updateProject(rosa, id, { endDate: '2026-03-01' })).rejects.toMatchObject(wrong)
    await expect(updateProject(rosa, id, { startDate: '2026-03-03' })).rejects.toMatchObject(wrong)
    await updateProject(rosa, id, { startDate: null, endDate: '2026-03-01' })
    expect(await findProject(rosa, id)).toMatchObject({ startDate: null, endDate: '2026-03-01' })
  })

  test('saved as it is opened changes nothing', async () => {
    const { id } = await makeProject(rosa, acme, { startDate: '2026-03-01', description: 'a\nb', status: 'completed' })
    const { values } = formOf(projectForm(await findProject(rosa, id)))

    await updateProject(rosa, id, UpdateProjectInput.parse(fromForm(UpdateProjectInput, values)))

    expect((await findProject(rosa, id)).version).toBe(1)
    expect(await rowsChanged(id)).toBe(1)
  })

  test('takes only what was sent, and clears what was sent empty', async () => {
    const { id } = await makeProject(rosa, acme, { description: 'Kept', startDate: '2026-03-01' })

    await updateProject(rosa, id, { startDate: null, status: 'cancelled' })

    expect(await findProject(rosa, id)).toMatchObject({ description: 'Kept', startDate: null, status: 'cancelled' })
  })

  test('saved by two at once: one is told, with what the other stored', async () => {
    const { id } = await makeProject(rosa, acme)

    const answers = await Promise.allSettled([
      updateProject(rosa, id, { name: 'A', version: 1 }),
      updateProject(rosa, id, { name: 'B', version: 1 }),
    ])

    const [told] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Conflict] : []))
    expect(told).toBeInstanceOf(Conflict)
    expect(told?.stored).toMatchObject({ name: (await findProject(rosa, id)).name, version: 2 })
  })

  test('deleted is gone, once; its deals stay, without the link', async () => {
    const { id } = await makeProject(rosa, acme)
    const deal = await makeDeal(rosa, { clientId: acme, relatedProjectId: id })

    expect(await deleteProject(rosa, id)).toEqual({ clientId: acme })

    expect(await findDeal(rosa, deal.id)).toMatchObject({ clientId: acme, relatedProjectId: null, projectName: null })
    await expect(findProject(rosa, id)).rejects.toThrow(NotFound)
    await expect(deleteProject(rosa, id)).rejects.toThrow(NotFound)
  })

  test('takes at most five queries to make or save, beside those of the transaction', async () => {
    const written = async (work: () => Promise<unknown>) =>
      (await queriesOf(work)).filter((text) => !/^(BEGIN|COMMIT|SET )|set_config/i.test(text)).length
    let id = 0

    expect(
      await written(async () => {
        id = (await makeProject(rosa, acme, { submission: submission() })).id
      }),
    ).toBeLessThanOrEqual(5)
    expect(await written(() => updateProject(rosa, id, { name: 'Another' }))).toBeLessThanOrEqual(5)
  })
})

describe('the projects of a client', () => {
  test('to choose from are its own, those under way first, and the one chosen among them', async () => {
    const other = await makeClient(rosa)
    await makeProject(rosa, other.id, { name: 'Elsewhere' })
    const done = await makeProject(rosa, acme, { name: 'A done', status: 'completed' })
    await makeProject(rosa, acme, { name: 'Zeta' })
    await makeProject(rosa, acme, { name: 'beta', status: 'active' })

    expect((await projectsOfClient(rosa, acme)).map(({ label }) => label)).toEqual(['beta', 'Zeta', 'A done'])
    expect(await projectsOfClient(rosa, acme, done.id)).toContainEqual({ value: done.id, label: 'A done' })
    expect(await projectsOfClient(rosa, null)).toEqual([])
  })

  test('on its page are those under way first, with their dates', async () => {
    await makeProject(rosa, acme, { name: 'Over', status: 'cancelled' })
    await makeProject(rosa, acme, { name: 'Running', status: 'active', startDate: '2026-01-31' })
    await makeProject(rosa, acme, { name: 'Next' })

    const { projects } = await surroundingsOf(rosa, acme)

    expect(projects.map(({ name }) => name)).toEqual(['Next', 'Running', 'Over'])
    expect(projects[1]).toMatchObject({ status: 'active', startDate: '2026-01-31', endDate: null })
  })

  test('tell which deals are about them, archived ones aside', async () => {
    const { id } = await makeProject(rosa, acme)
    const deal = await makeDeal(rosa, { clientId: acme, name: 'About it' })
    await makeDeal(rosa, { clientId: acme, name: 'Not about it' })
    const gone = await makeDeal(rosa, { clientId: acme, relatedProjectId: id })
    await changeDeal(rosa, deal.id, { relatedProjectId: id })
    await archiveDeal(rosa, gone.id)

    expect((await listLinkedDeals(rosa, 'project', id)).map(({ name }) => name)).toEqual(['About it'])
  })
})

describe('who may what', () => {
  test('a project follows its client: out of sight with it, and not to be written', async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const { id } = await makeProject(rosa, acme)

    await expect(findProject(own, id)).rejects.toThrow(NotFound)
    await expect(updateProject(own, id, { name: 'Mine' })).rejects.toThrow(NotFound)
    await expect(deleteProject(own, id)).rejects.toThrow(NotFound)
    await expect(makeProject(own, acme)).rejects.toThrow(NotFound)
    expect(await projectsOfClient(own, acme)).toEqual([])
    expect((await surroundingsOf(own, acme)).projects).toEqual([])
  })

  test('who has a deal with a client reads its projects, but does not write them', async () => {
    const account = await makeUser({ visibility: 'own' })
    const { id } = await makeProject(rosa, acme, { name: 'Seen' })
    await makeDeal(rosa, { clientId: acme, ownerId: account.id })

    expect((await findProject(as(account), id)).name).toBe('Seen')
    await expect(updateProject(as(account), id, { name: 'Mine' })).rejects.toThrow(Forbidden)
  })

  test('a viewer reads and writes nothing', async () => {
    const viewer = as(await makeUser({ role: 'viewer' }))
    const { id } = await makeProject(rosa, acme)

    expect((await findProject(viewer, id)).id).toBe(id)
    for (const write of [
      () => makeProject(viewer, acme),
      () => updateProject(viewer, id, { name: 'No' }),
      () => deleteProject(viewer, id),
    ])
      await expect(write()).rejects.toThrow(Forbidden)
    expect(await rowsChanged(id)).toBe(1)
  })
})

describe('what may come in', () => {
  test.each([
    ['name', ''],
    ['name', '   '],
    ['name', 'x'.repeat(201)],
    ['name', 'a\0b'],
    ['name', '\ud800'],
    ['name', 7],
    ['name', ['a']],
    ['status', 'done'],
    ['status', null],
    ['startDate', '2026-02-30'],
    ['startDate', '01.03.2026'],
    ['startDate', '0000-01-01'],
    ['endDate', 'soon'],
    ['endDate', 20260301],
    ['description', 'x'.repeat(20_001)],
    ['description', 'a\0b'],
  ])('a project with %s %j is refused', (field, value) => {
    const { success, error } = CreateProjectInput.safeParse({ name: 'Fine', [field]: value })

    expect(success).toBe(false)
    expect(error?.issues.map(({ path }) => path[0])).toEqual([field])
  })

  test('a name may have 200 characters, of four bytes too', () => {
    expect(CreateProjectInput.safeParse({ name: '😀'.repeat(200) }).success).toBe(true)
  })
})
