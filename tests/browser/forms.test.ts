import { expect, test } from 'vitest'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal, makeLead } from '../support/records.ts'
import { db } from '../support/database.ts'
import { heading, noticeOf, press, turnPage, visit } from './product.ts'

const rosa = await makeUser({ name: 'Rosa Winter' })

test('a form that comes back keeps what was typed, and leads to what is wrong with it', async () => {
  const page = await visit({ as: rosa, expects: [422] })
  await page.goto('/leads/create')
  await page.getByLabel('First name').fill('  <b>Émile</b>  ')
  await page.getByLabel('E-mail').fill('not an address')
  await page.getByLabel('Estimated value').fill('12.3.4')
  await page.getByLabel('Notes').fill('\nFirst line\nsecond')
  await page.getByLabel('Status').selectOption('Qualified')
  await press(page, 'Create lead')

  const summary = page.locator('.form-errors')
  await page.locator('.form-errors:focus').waitFor()
  expect(await summary.getByRole('link').allInnerTexts()).toHaveLength(3)
  expect(await page.getByLabel('First name').inputValue()).toContain('<b>Émile</b>')
  expect(await page.getByLabel('E-mail').inputValue()).toBe('not an address')
  expect(await page.getByLabel('Estimated value').inputValue()).toBe('12.3.4')
  expect(await page.getByLabel('Notes').inputValue()).toBe('\nFirst line\nsecond')
  expect(await page.getByLabel('Status').inputValue()).toBe('qualified')

  await summary.getByRole('link', { name: /^Last name/ }).click()
  await page.locator('[aria-invalid=true]:focus').and(page.getByLabel('Last name')).waitFor()

  await page.getByLabel('Last name').fill('Sommer')
  await page.getByLabel('E-mail').fill('emile@example.com')
  await page.getByLabel('Estimated value').fill('12.30')
  await press(page, 'Create lead')
  expect(await heading(page)).toBe('<b>Émile</b> Sommer')
})

test('a form that finds no server stays as it was typed, and says so', async () => {
  const page = await visit({ as: rosa, expects: [0] })
  await page.goto('/leads/create')
  await page.getByLabel('First name').fill('Away')
  await page.getByLabel('Last name').fill('Sommer')
  await page.route('**/leads/create', (route) => route.abort(), { times: 1 })

  await page.getByRole('button', { name: 'Create lead' }).click()
  await page.getByText('The server cannot be reached').waitFor()
  expect(await page.getByLabel('First name').inputValue()).toBe('Away')
  await press(page, 'Create lead')
  expect(await heading(page)).toBe('Away Sommer')
})

for (const javaScriptEnabled of [true, false]) {
  test(`a button pressed twice makes one lead, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const name = javaScriptEnabled ? 'Twice' : 'Twice without'
    const page = await visit({ as: rosa, javaScriptEnabled })
    await page.goto('/leads/create')
    await page.getByLabel('First name').fill(name)
    await page.getByLabel('Last name').fill('Pressed')
    await turnPage(page, () => page.getByRole('button', { name: 'Create lead' }).dblclick({ noWaitAfter: true }))
    await page.waitForURL(/\/leads\/\d+$/)

    expect(await heading(page)).toBe(`${name} Pressed`)
    expect(await db.records.lead.count({ where: { firstName: name } })).toBe(1)
  })
}

test('going back after saving leads to an empty form, not to the one that was sent', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/leads')
  await turnPage(page, () => page.getByRole('link', { name: 'New lead' }).first().click())
  await page.getByLabel('First name').fill('Back')
  await page.getByLabel('Last name').fill('Again')
  const sent = await page.locator('input[name=submission]').inputValue()
  await press(page, 'Create lead')

  await page.goBack()
  const form = page.locator('form[action="/leads/create"]')
  await form.locator(`input[name=submission]:not([value="${sent}"])`).waitFor({ state: 'attached' })
  expect(await page.getByLabel('First name').inputValue()).toBe('')
  expect(await db.records.lead.count({ where: { firstName: 'Back' } })).toBe(1)
})

test('going back after saving does not say again that it was saved', async () => {
  const lead = await makeLead(as(rosa))
  const page = await visit({ as: rosa })
  await page.goto(`/leads/${lead.id}`)
  await turnPage(page, () => page.getByRole('link', { name: 'Edit' }).click())
  await page.getByLabel('Company').fill('Elsewhere Ltd')
  await press(page, 'Save')
  expect(await noticeOf(page)).toBe('The lead was saved.')

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Leads' }).click()
  await page.getByRole('heading', { level: 1, name: 'Leads' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Emil Sommer' }).waitFor()
  await page.reload()
  expect(await noticeOf(page)).toBe('')
  expect(await page.getByRole('main').textContent()).toContain('Elsewhere Ltd')
})

test('two people edit one client: the second sees both versions and loses nothing', async () => {
  const client = await makeClient(as(rosa), { name: 'Acme', description: 'As it was' })
  const emil = await makeUser({ name: 'Emil' })
  const first = await visit({ as: rosa })
  const second = await visit({ as: emil, expects: [409] })
  for (const page of [first, second]) await page.goto(`/clients/${client.id}/edit`)

  await first.getByLabel('Description').fill('By Rosa')
  await press(first, 'Save client')
  await second.getByLabel('Description').fill('By Emil')
  await press(second, 'Save client')

  expect(await second.getByRole('group', { name: 'Description' }).innerText()).toMatch(/By Emil[^]*By Rosa/)
  expect(await second.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('By Emil')
  await press(second, 'Save client')
  expect(await second.getByRole('main').textContent()).toContain('By Emil')
})

test("choosing a client shows that client's contacts, and keeps what was typed", async () => {
  const client = await makeClient(as(rosa), { name: 'Zeppelin Ltd' })
  const page = await visit({ as: rosa, expects: [422] })
  await page.goto(`/clients/${client.id}/contacts/create`)
  await page.getByLabel('First name').fill('Ada')
  await page.getByLabel('Last name').fill('Byron')
  await press(page, 'Add contact')

  await page.goto('/deals/create')
  await page.getByRole('textbox', { name: /^Name/ }).fill('Airship')
  await page.getByLabel('Client', { exact: true }).selectOption('Zeppelin Ltd')
  await page
    .getByLabel('Contact', { exact: true })
    .locator('option', { hasText: 'Ada Byron' })
    .waitFor({ state: 'attached' })
  await page.getByLabel('Contact', { exact: true }).selectOption('Ada Byron')
  await press(page, 'Create deal')

  expect(await heading(page)).toBe('Airship')
  expect(await page.getByRole('region', { name: 'Details' }).locator('dl').getByRole('link').allInnerTexts()).toEqual([
    'Zeppelin Ltd',
    'Ada Byron',
  ])
})

test('a client with open deals is archived only when asked again', async () => {
  const client = await makeClient(as(rosa), { name: 'Busy Ltd' })
  await makeDeal(as(rosa), { name: 'Open', clientId: client.id })
  const page = await visit({ as: rosa, expects: [409, 422] })
  await page.goto(`/clients/${client.id}`)
  await page.locator('summary', { hasText: 'More' }).click()
  await press(page, 'Archive')
  expect(await heading(page)).toBe('Archive Busy Ltd?')

  await press(page, 'Archive all the same')
  expect(await noticeOf(page)).toContain('The client was archived.')
  expect(await db.records.client.count({ where: { id: client.id, isActive: false } })).toBe(1)
})
