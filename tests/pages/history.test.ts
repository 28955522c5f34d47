import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { deleteActivity } from '../../src/features/activities/commands.ts'
import { updateClient } from '../../src/features/clients/commands.ts'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { updateLead } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { createTeam } from '../../src/features/teams/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { inOneSet } from '../support/history.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeActivity, makeClient, makeDeal, makeLead } from '../support/records.ts'

let rosa: Account
let visitor: Visitor
let admin: Visitor

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa Winter' })
  visitor = await browse(rosa)
  admin = await browse(await makeUser({ role: 'admin', name: 'Ada Admin' }))
})

/** The address that the notice's Undo posts to. */
function undoIn(html: string): string {
  return /<div class="notices"[\s\S]*?action="(\/history\/[\da-f-]+\/undo)"/.exec(html)?.[1] ?? ''
}

describe('the notice after a change', () => {
  test('offers to take it back, and leads back to the page', async () => {
    const { id } = await makeClient(as(rosa), { name: 'Acme' })
    const edit = `/clients/${id}/edit`
    await visitor.post(edit, { ...formFields(await visitor.get(edit), edit), name: 'Other' })
    const shown = await visitor.get(`/clients/${id}`)
    const undo = undoIn(shown.text)

    const answer = await visitor.post(undo, formFields(shown, undo))

    expect([answer.status, answer.headers.location]).toEqual([303, `/clients/${id}`])
    const after = await visitor.get(`/clients/${id}`)
    expect(after.text).toContain('The change has been taken back.')
    expect(after.text).toMatch(/<h1><bdi>Acme</)
    // And that can be taken back too.
    expect(undoIn(after.text)).not.toBe('')
  })

  test('offers nothing when nothing was changed', async () => {
    const { id } = await makeClient(as(rosa))
    const edit = `/clients/${id}/edit`
    await visitor.post(edit, formFields(await visitor.get(edit), edit))
    const shown = await visitor.get(`/clients/${id}`)

    expect(shown.text).toContain('class="notice ')
    expect(undoIn(shown.text)).toBe('')
  })

  test('offers nothing where settings were changed, or what one cannot change any more', async () => {
    await admin.post('/settings/teams/create', { name: 'South' })
    expect(undoIn((await admin.get('/settings/teams')).text)).toBe('')

    const own = await makeUser({ visibility: 'own' })
    const visitor = await browse(own)
    const { id } = await makeDeal(as(own))
    const edit = `/deals/${id}/edit`
    await visitor.post(edit, { ...formFields(await visitor.get(edit), edit), ownerId: rosa.id })
    const shown = await visitor.get('/deals')
    expect(shown.text).toContain('class="notice ')
    expect(undoIn(shown.text)).toBe('')
  })

  test('of something new leads to the list once it is gone', async () => {
    const made = await visitor.post('/leads/create', {
      ...formFields(await visitor.get('/leads/create'), '/leads/create'),
      firstName: 'Ada',
      lastName: 'Berg',
    })
    const shown = await visitor.get(made.headers.location!)
    const undo = undoIn(shown.text)
    const answer = await visitor.post(undo, formFields(shown, undo))

    expect([answer.status, answer.headers.location]).toEqual([303, '/leads'])
    expect((await visitor.get(made.headers.location!)).status).toBe(404)
  })

  test('leads to no other site', async () => {
    const { id } = await makeClient(as(rosa))
    const { changeSet } = await inOneSet(as(rosa), (scope) => updateClient(scope, id, { name: 'Other' }))
    const answer = await visitor.post(`/history/${changeSet}/undo`, { returnTo: '//evil.example' })
    expect([answer.status, answer.headers.location]).toEqual([303, '/'])
  })
})

describe('a refused undo', () => {
  test('is a 409 that names what, who and when', async () => {
    const { id } = await makeClient(as(rosa), { name: 'Acme' })
    const { changeSet } = await inOneSet(as(rosa), (scope) => updateClient(scope, id, { name: 'Second' }))
    await updateClient(as(rosa), id, { name: '<b>Third</b>' })

    const answer = await visitor.post(`/history/${changeSet}/undo`)

    expect(answer.status).toBe(409)
    expect(answer.text).toMatch(/Rosa Winter has since changed the same on [^<]*20\d\d/)
    expect(answer.text).toContain('&lt;b&gt;Third')
  })

  test('is told on the page whose button was pressed, which offers nothing to take back', async () => {
    const { id } = await makeClient(as(rosa), { name: 'Acme' })
    const { changeSet } = await inOneSet(as(rosa), (scope) => updateClient(scope, id, { name: 'Second' }))
    await updateClient(as(rosa), id, { name: '<b>Third</b>' })

    const returnTo = `/clients/${id}?from=notice`
    const answer = await visitor.post(`/history/${changeSet}/undo`, { returnTo })
    expect([answer.status, answer.headers.location]).toEqual([303, returnTo])

    const { text } = await visitor.get(returnTo)
    expect(text).toMatch(/class="notice notice-error"[\s\S]*Rosa Winter has since changed the same on [^<]*20\d\d/)
    expect(text).toContain('&lt;b&gt;Third')
    expect(undoIn(text)).toBe('')
    expect(text).toContain('<h1><bdi>&lt;b&gt;Third')
  })

  test.each(['x', '00000000-0000-4000-8000-000000000000', "1' OR 1=1"])(
    'of what there is not is not found: %s',
    async (name) => {
      expect((await visitor.post(`/history/${encodeURIComponent(name)}/undo`)).status).toBe(404)
    },
  )
})

describe('the history of a record', () => {
  test('tells who changed what, field by field, with names and in the reader’s words', async () => {
    const client = await makeClient(as(rosa), { name: 'Buyer' })
    const { id } = await makeDeal(as(rosa), { value: '10' })
    await changeDeal(as(rosa), id, {
      value: '2500.5',
      clientId: client.id,
      stage: 'proposal',
      expectedCloseDate: '2027-01-31',
    })

    const { text } = await visitor.get(`/history/deals/${id}`)

    const told = text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
    expect(told).toContain('Rosa Winter')
    expect(told).toMatch(/Value from €10\.00 to €2,500\.50/)
    expect(told).toMatch(/Client from – to Buyer/)
    expect(told).toMatch(/Stage from Prospecting to Proposal/)
    expect(told).toMatch(/Jan 31, 2027/)
  })

  test('tells of its activities, deleted ones too, and what else happened at once, linked', async () => {
    const lead = await makeLead(as(rosa))
    const activity = await makeActivity(as(rosa), 'lead', lead.id, { subject: 'Ring them back' })
    await deleteActivity(as(rosa), 'lead', activity.id)
    const { dealId } = await convertToDeal(as(rosa), lead.id, { client: 'new', contact: 'new' })

    const { text } = await visitor.get(`/history/leads/${lead.id}`)

    expect(text.match(/Ring them back/g)?.length).toBe(2)
    expect(text).toContain(`href="/deals/${dealId}"`)
    expect(text.match(/class="history-entry"/g)?.length).toBe(4)
  })

  test('is not found by whoever does not see the record', async () => {
    const { id } = await makeLead(as(rosa), { ownerId: rosa.id })
    const stranger = await browse(await makeUser({ visibility: 'own' }))
    expect((await stranger.get(`/history/leads/${id}`)).status).toBe(404)
    expect((await visitor.get('/history/users/1')).status).toBe(404)
    expect((await visitor.get('/history/leads/0')).status).toBe(404)
  })

  test('is read page by page, each entry once', async () => {
    const { id } = await makeLead(as(rosa))
    for (let score = 1; score <= 30; score += 1) await updateLead(as(rosa), id, { score })
    const seen: string[] = []
    let address: string | undefined = `/history/leads/${id}`
    while (address) {
      const { text } = await visitor.get(address)
      seen.push(...[...text.matchAll(/id="set-([\da-f-]+)"/g)].map(([, set = '']) => set))
      const next = /rel="next"[^>]*href="([^"]+)"/.exec(text)?.[1]
      address = next?.replaceAll('&amp;', '&')
    }
    expect(seen).toHaveLength(31)
    expect(new Set(seen).size).toBe(31)
  })

  test('offers a viewer nothing to take back', async () => {
    const { id } = await makeLead(as(rosa))
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { status, text } = await viewer.get(`/history/leads/${id}`)
    expect(status).toBe(200)
    expect(text).not.toContain('/undo"')
  })
})

describe('the history over all', () => {
  test('is narrowed by who, what, kind and period, each view a link', async () => {
    const emil = await makeUser({ name: 'Emil Sommer' })
    const lead = await makeLead(as(emil), { firstName: 'Onlylead' })
    await updateLead(as(emil), lead.id, { status: 'qualified' })
    await makeDeal(as(emil), { name: 'Onlydeal' })
    const entries = async (query: string) =>
      (await visitor.get(`/history?${query}`)).text.match(/class="history-entry"/g)?.length ?? 0

    expect(await entries(`who=${emil.id}`)).toBe(3)
    expect(await entries(`who=${emil.id}&noun=deals`)).toBe(1)
    expect(await entries(`who=${emil.id}&noun=leads&kind=changed`)).toBe(1)
    expect(await entries(`who=${emil.id}&to=2020-01-01`)).toBe(0)
    expect(await entries(`who=${emil.id}&from=2020-01-01`)).toBe(3)
    expect(await entries(`who=${emil.id}&noun=nonsense&kind[]=x&from=2026-99-99&before=x`)).toBe(3)
  })

  test('tells of what the reader sees, and of settings and deleted records to administrators', async () => {
    await makeLead(as(rosa), { firstName: 'Hiddenlead', ownerId: rosa.id })
    await createTeam(system, { name: 'Secretteam' })
    const gone = await inOneSet(as(rosa), (scope) => makeClient(scope, { name: 'Goneclient' }))
    await visitor.post(`/history/${gone.changeSet}/undo`)
    const stranger = await browse(await makeUser({ visibility: 'own' }))

    const [seen, members, strangers] = await Promise.all(
      [admin, visitor, stranger].map(async (reader) => (await reader.get('/history')).text),
    )

    for (const name of ['Hiddenlead', 'Secretteam', 'Goneclient']) expect(seen).toContain(name)
    expect(members).toContain('Hiddenlead')
    expect(members).not.toMatch(/Secretteam|Goneclient/)
    expect(strangers).not.toMatch(/Hiddenlead|Secretteam|Goneclient/)
  })

  test('never shows a secret, nor what of a setting nobody has said may be told', async () => {
    await inTransaction(system, ({ db }) =>
      db.query(
        sql`INSERT INTO external_ids (noun, user_id, external_id, record_id) VALUES ('leads', ${rosa.id}, 'Theirname', 1) RETURNING id`,
      ),
    )
    await admin.post('/settings/webhooks/create', {
      url: 'https://192.0.2.1/hooks',
      scope: 'all',
      description: 'Hidden words',
    })
    expect((await admin.get('/history')).text).not.toMatch(/Theirname|whsec_/)
    await makeUser({ name: 'New Person' })
    expect((await admin.get('/history')).text).not.toMatch(/argon2|password_hash/)
  })
})
