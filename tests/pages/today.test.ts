import { beforeAll, describe, expect, test } from 'vitest'
import sql from 'sql-template-tag'
import { markAsRead } from '../../src/features/today/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

const TODAY = dayIn('Europe/Berlin')

async function newcomer(overrides: Parameters<typeof makeUser>[0] = {}): Promise<[Account, Visitor]> {
  const account = await makeUser(overrides)
  await markAsRead(as(account), new Date())
  return [account, await browse(account)]
}

/** What the link to Today is called when something is due, and what stands beside it; empty when nothing does. */
function countOn(html: string): string {
  const [, shown = '', label = ''] =
    /<a href="\/" data-shortcut="g t"[^>]*><span aria-hidden="true">Today<span class="nav-count">([^<]*)<\/span><\/span><span class="sr-only">([^<]*)</.exec(
      html,
    ) ?? []
  return label && `${label}: ${shown}`
}

describe('with nothing to do', () => {
  test('the page says so, and leaves out what is empty', async () => {
    const [, visitor] = await newcomer({ visibility: 'own' })
    const { text } = await visitor.get('/')

    expect(text).toContain('Nothing is due')
    expect(text).not.toMatch(/id="(due|overdue|stepless|leads|news)"/)
    expect(countOn(text)).toBe('')
  })

  test('today, what comes in the days after is there to be opened', async () => {
    const [account, visitor] = await newcomer()
    const deal = await makeDeal(as(account))
    await makeActivity(as(account), 'deal', deal.id, { subject: 'The day after', dueDate: addDays(TODAY, 1) })

    const { text } = await visitor.get('/')
    expect(text).toContain('Nothing is due')
    expect(/<details class="due-later">[\s\S]*The day after[\s\S]*<\/details>/.test(text)).toBe(true)
  })
})

describe('what is due', () => {
  test('is told in one list with how long it waits, and counted on every page', async () => {
    const [account, visitor] = await newcomer()
    const rosa = as(account)
    const contact = await makeContact(rosa, (await makeClient(rosa, { name: '<Acme>' })).id)
    await makeCommunication(rosa, contact.id, { subject: 'Late', followUpDate: addDays(TODAY, -3) })
    const lead = await makeLead(rosa, { companyName: 'Sommer KG' })
    await makeActivity(rosa, 'lead', lead.id, { subject: 'Now', dueDate: TODAY })
    await makeDeal(rosa, { name: 'Past its time', expectedCloseDate: '2026-01-01' })

    const { text } = await visitor.get('/')
    expect(text.indexOf('>Late<')).toBeLessThan(text.indexOf('>Now<'))
    expect(text).toMatch(/Overdue since [^<]* · 3 days/)
    expect(text).toContain('&lt;Acme&gt;')
    expect(text).toContain('Past its time')
    expect(text).toContain('href="/deals?attention=overdue&owner=meOrNone&sort=close"'.replaceAll('&', '&amp;'))
    expect(countOn(text)).toBe('Today, 2 due: 2')
    expect(countOn((await visitor.get('/leads')).text)).toBe('Today, 2 due: 2')
    expect(countOn((await visitor.get(`/leads/${lead.id}`)).text)).toBe('Today, 2 due: 2')
    expect(countOn((await visitor.get('/nowhere')).text)).toBe('Today, 2 due: 2')
  })

  test('is completed in place, and opened again from the notice', async () => {
    const [account, visitor] = await newcomer()
    const deal = await makeDeal(as(account))
    const { id } = await makeActivity(as(account), 'deal', deal.id, { subject: 'Ring them', dueDate: '2026-01-05' })
    const address = `/deal-activities/${id}/complete`

    const done = await visitor.post(address, formFields(await visitor.get('/'), address))
    expect([done.status, done.headers.location]).toEqual([303, '/'])
    const after = await visitor.get('/')
    expect(after.text).not.toContain('>Ring them<')
    expect(countOn(after.text)).toBe('')

    const again = /\/history\/[\da-f-]+\/undo/.exec(after.text)?.[0] ?? ''
    const undone = await visitor.post(again, formFields(after, again))
    expect([undone.status, undone.headers.location]).toEqual([303, '/'])
    expect((await visitor.get('/')).text).toContain('>Ring them<')
  })

  test('is put off in place, to a day that has a name or any other', async () => {
    const [account, visitor] = await newcomer()
    const rosa = as(account)
    const contact = await makeContact(rosa, (await makeClient(rosa)).id)
    const { id } = await makeCommunication(rosa, contact.id, { subject: 'Promised', followUpDate: '2026-01-05' })
    const address = `/communications/${id}/snooze`
    const stored = async () =>
      (
        await db.query<{ day: string }>(
          sql`SELECT follow_up_date::text AS day FROM contact_communications WHERE id = ${id}`,
        )
      )[0]?.day

    const page = await visitor.get('/?for=all')
    expect(formFields(page, address).returnTo).toBe('/?for=all')
    const named = await visitor.post(address, { returnTo: '/?for=all', until: 'tomorrow' })
    expect([named.status, named.headers.location]).toEqual([303, '/?for=all'])
    expect(await stored()).toBe(addDays(TODAY, 1))
    await visitor.post(address, { returnTo: '/', followUpDate: '2031-02-03' })
    expect(await stored()).toBe('2031-02-03')

    const refused = await visitor.post(address, { returnTo: '/', followUpDate: '2031-02-30' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('value="2031-02-30"')
    expect(formFields(refused, address).returnTo).toBe('/')

    const past = await visitor.post(address, { returnTo: '/', followUpDate: addDays(TODAY, -2) })
    expect(past.status).toBe(422)
    expect(past.text).toMatch(
      /id="followUpDate-error"[^]*?This day is past\. Something can be put off to today at the earliest\./,
    )
    expect(formFields(past, address)).toMatchObject({ followUpDate: addDays(TODAY, -2), returnTo: '/' })
    expect(await stored()).toBe('2031-02-03')
    expect(
      (await visitor.post(address, { returnTo: 'https://evil.example', until: 'tomorrow' })).headers.location,
    ).toBe('/')
  })

  test('is seen by a viewer, without buttons', async () => {
    const [, viewer] = await newcomer({ role: 'viewer' })
    const rosa = as(await makeUser())
    const deal = await makeDeal(rosa, { ownerId: null })
    const { id } = await makeActivity(rosa, 'deal', deal.id, {
      subject: 'To be seen',
      assigneeId: null,
      dueDate: '2026-01-05',
    })

    const { text } = await viewer.get('/')
    expect(text).toContain('To be seen')
    expect(text).not.toMatch(/\/(complete|snooze)"/)
    expect((await viewer.post(`/deal-activities/${id}/complete`)).status).toBe(403)
  })

  test('is asked for anybody by address; a nonsense one is one’s own', async () => {
    const [, visitor] = await newcomer()
    const [, own] = await newcomer({ visibility: 'own' })
    const deal = await makeDeal(as(await makeUser()))
    await makeActivity(as(await makeUser()), 'deal', deal.id, { subject: 'Somebody else’s', dueDate: '2026-01-04' })

    expect((await visitor.get('/?for=all')).text).toContain('Somebody else’s')
    for (const path of ['/', '/?for=nobody', '/?for=me&for=all', '/?for[]=all', '/?for=team']) {
      const answer = await visitor.get(path)
      expect([answer.status, answer.text.includes('>Somebody else’s<')], path).toEqual([200, false])
    }
    expect((await own.get('/?for=all')).text).not.toContain('>Somebody else’s<')
    expect((await own.get('/')).text).not.toContain('/?for=all')
  })
})

describe('the list that a card leads to', () => {
  test.each(['me', 'team', 'all'] as const)('has what the card has counted, for %s', async (whose) => {
    const teamId = await makeTeam(`Cards for ${whose}`)
    const [account, visitor] = await newcomer({ role: 'manager', visibility: 'team', teamId })
    const [mate, stranger] = [await makeUser({ teamId }), await makeUser()]
    for (const [index, ownerId] of [account.id, mate.id, stranger.id, null].entries())
      for (let made = 0; made <= index; made += 1) {
        await makeLead(as(account), { ownerId })
        await makeDeal(as(account), { ownerId, expectedCloseDate: '2026-01-05' })
      }
    const { text } = await visitor.get(whose === 'me' ? '/' : `/?for=${whose}`)

    for (const card of ['overdue', 'stepless', 'leads']) {
      const [, figure, link = ''] =
        new RegExp(`id="${card}">[^<]*<span class="card-count">([^<]*)</span>[^]*?href="([^"]*)"`).exec(text) ?? []
      const address = link.replaceAll('&amp;', '&')
      const rows = (await visitor.get(address.replace('?', '.csv?'))).text.trimEnd().split('\n').slice(1)
      expect([card, String(rows.length)]).toEqual([card, figure])
      const [select = ''] = /<select [^>]*name="owner"[^]*?<\/select>/.exec((await visitor.get(address)).text) ?? []
      const [, chosen = ''] = /value="([^"]*)"[^>]* selected/.exec(select) ?? []
      expect([card, chosen]).toEqual([card, { me: 'meOrNone', team: 'teamOrNone', all: '' }[whose]])
    }
  })

  test('of all activities has what is mine to do, and what is nobody’s', async () => {
    const [account, visitor] = await newcomer()
    const deal = await makeDeal(as(account))
    await makeActivity(as(account), 'deal', deal.id, { subject: 'For me', dueDate: '2026-01-04' })
    await makeActivity(as(account), 'deal', deal.id, { subject: 'For nobody', dueDate: '2026-01-04', assigneeId: null })

    const { text } = await visitor.get('/')
    const [, link = ''] = /href="(\/activities\?[^"]*)"/.exec(text) ?? []
    const listed = (await visitor.get(link.replaceAll('&amp;', '&'))).text
    for (const subject of ['For me', 'For nobody']) {
      expect(text).toContain(subject)
      expect(listed).toContain(subject)
    }
  })
})

describe('what changed since the last visit', () => {
  let account: Account
  let visitor: Visitor

  beforeAll(async () => {
    ;[account, visitor] = await newcomer()
  })

  test('is told, until it is marked as read', async () => {
    const rosa = as(await makeUser({ name: 'Rosa <b>' }))
    await makeDeal(rosa, { name: 'Ten <forklifts>' })

    const page = await visitor.get('/')
    expect(page.text).toContain('Rosa &lt;b&gt; created it')
    expect(page.text).toContain('Ten &lt;forklifts&gt;')
    const fields = formFields(page, '/today/seen')
    await makeDeal(rosa, { name: 'Another one' })
    const answer = await visitor.post('/today/seen', fields)

    expect([answer.status, answer.headers.location]).toEqual([303, '/'])
    const after = await visitor.get('/')
    expect(after.text).not.toContain('Ten &lt;forklifts&gt;')
    expect(after.text).toContain('Another one')
  })

  test('is said to be incomplete, with the way to the history, where too much was changed that is not to be seen', async () => {
    const [, own] = await newcomer({ visibility: 'own' })
    const rosa = as(await makeUser())
    await inTransaction(rosa, (scope) =>
      scope.db.query(sql`
        WITH made AS (
          INSERT INTO leads (first_name, last_name, currency_code, owner_id)
          SELECT 'Imported', n::text, 'EUR', ${rosa.user.id}::integer FROM generate_series(1, 10001) AS n RETURNING id)
        SELECT count(*) FROM made`),
    )

    const { text } = await own.get('/')
    expect(text).toMatch(/This list may be incomplete: [^<]*<a href="\/history">The whole history<\/a>/)
    expect(text).not.toContain('Imported')
  })

  test('takes nonsense for now', async () => {
    for (const until of ['', 'yesterday', '9999'])
      expect((await visitor.post('/today/seen', { until, for: 'all' })).headers.location).toBe('/?for=all')
    expect((await visitor.post('/today/seen', { for: 'https://evil.example' })).headers.location).toBe('/')
    expect((await visitor.get('/')).text).not.toContain('Another one')
  })

  test('a visit is written when it begins, not with each page', async () => {
    const writes = async () =>
      (await queriesOf(() => visitor.get('/'))).filter((statement) => /INTO visits/.test(statement)).length
    expect(await writes()).toBe(0)
    await db.query(
      sql`UPDATE visits SET began_at = now() - interval '2 hours' WHERE user_id = ${account.id} RETURNING user_id`,
    )

    expect([await writes(), await writes()]).toEqual([1, 0])
  })
})
