import { beforeAll, expect, test } from 'vitest'
import { updateClient } from '../../src/features/clients/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'
import { follow, heading, noticeOf, press, turnPage, visit } from './product.ts'

let viewer: Account
let member: Account
let manager: Account
let administrator: Account
let client: number
let deal: number

beforeAll(async () => {
  const teamId = await makeTeam('Sales')
  viewer = await makeUser({ name: 'Vera Viewer', role: 'viewer', visibility: 'team', teamId })
  member = await makeUser({ name: 'Mia Member', visibility: 'own', teamId })
  manager = await makeUser({ name: 'Max Manager', role: 'manager', visibility: 'own' })
  administrator = await makeUser({ name: 'Ada Admin', role: 'admin' })
  const mia = as(member)
  client = (await makeClient(mia, { name: 'Acme' })).id
  const contact = await makeContact(mia, client, { firstName: 'Rosa', lastName: 'Winter' })
  deal = (await makeDeal(mia, { name: 'Ten forklifts', clientId: client, contactId: contact.id })).id
  await makeActivity(mia, 'deal', deal, { subject: 'Ask about the ramp', dueDate: '2026-01-15' })
  await makeLead(mia, { firstName: 'Emil', lastName: 'Sommer', companyName: 'Sommer GmbH' })
})

test('a viewer looks: there is nothing to press, and what is sent all the same is refused', async () => {
  const page = await visit({ as: viewer, expects: [403] })
  for (const address of [`/deals/${deal}`, `/clients/${client}`, '/deals/pipeline', '/leads', '/clients', '/']) {
    await page.goto(address)
    const forms = await page.evaluate<string[]>(
      `[...document.querySelectorAll('form[method=post]')].map((form) => new URL(form.action).pathname)`,
    )
    expect([address, forms.filter((path) => !['/logout', '/today/seen'].includes(path))]).toEqual([address, []])
    expect(await page.locator('a[href$="/edit"], a[href$="/create"]').count()).toBe(0)
  }

  await page.goto(`/deals/${deal}`)
  expect(await heading(page)).toBe('Ten forklifts')
  // As somebody would who knows the address: with the token of a form of theirs.
  const status = await page.evaluate<number>(`(async () => {
    const _csrf = document.querySelector('input[name=_csrf]').value
    const body = new URLSearchParams({ _csrf, lossReason: 'Crafted' })
    return (await fetch('/deals/${deal}/close-lost', { method: 'POST', body, redirect: 'manual' })).status
  })()`)
  expect(status).toBe(403)
  await page.reload()
  expect(await page.getByRole('main').innerText()).not.toContain('Crafted')
})

test('a member works: from a lead to a deal, and the deal along', { timeout: 60_000 }, async () => {
  const page = await visit({ as: member })
  await follow(page, 'Leads')
  await turnPage(page, () => page.getByRole('link', { name: 'Emil Sommer' }).click())
  await turnPage(page, () => page.getByRole('link', { name: 'Convert to deal' }).click())
  await page.getByLabel('Deal name').fill('Two cranes')
  await press(page, 'Convert')
  expect(await noticeOf(page)).toContain('The lead was converted.')

  await follow(page, 'Pipeline')
  await page.locator('summary', { hasText: 'Move: Two cranes' }).click()
  await page.getByLabel('Move Two cranes to').selectOption('Proposal')
  await press(page, 'Move')
  expect(await noticeOf(page)).toContain('The deal was moved.')
  const proposal = page.getByRole('region', { name: /^Proposal/ })
  expect(await proposal.locator('.board-card-name').allInnerTexts()).toEqual(['Two cranes'])
})

test('a manager reassigns a deal; what a leaver has, an administrator hands over', { timeout: 60_000 }, async () => {
  const page = await visit({ as: manager })
  await page.goto(`/deals/${deal}/edit`)
  await page.getByLabel('Owner').selectOption('Max Manager')
  await press(page, 'Save')
  expect(await noticeOf(page)).toContain('saved')
  expect(await page.getByRole('region', { name: 'Timeline' }).innerText()).toContain('Mia Member → Max Manager')

  // Whose it was does not see it any more.
  const before = await visit({ as: member, expects: [404] })
  expect((await before.goto(`/deals/${deal}`))?.status()).toBe(404)

  const office = await visit({ as: administrator })
  await office.goto(`/settings/users/${member.id}/hand-over`)
  await office.getByLabel('New owner').selectOption('Max Manager')
  await press(office, 'Hand over')
  await office.goto(`/clients/${client}`)
  expect(await office.getByRole('main').innerText()).toContain('Max Manager')
})

test('an administrator takes back what somebody did, from the history', { timeout: 60_000 }, async () => {
  await updateClient(as(manager), client, { name: 'Acme, wrongly renamed' })
  const page = await visit({ as: administrator })
  await page.goto(`/clients/${client}`)
  expect(await heading(page)).toBe('Acme, wrongly renamed')

  await page.goto(`/history/clients/${client}`)
  const entry = page.locator('.history-entry').first()
  expect(await entry.innerText()).toContain('Max Manager')
  await turnPage(page, () => entry.getByRole('button', { name: /^Undo/ }).click())
  expect(await noticeOf(page)).toContain('The change has been taken back.')
  expect(await page.locator('.history-entry').first().innerText()).toContain('Ada Admin')

  await page.goto(`/clients/${client}`)
  expect(await heading(page)).toBe('Acme')
})
