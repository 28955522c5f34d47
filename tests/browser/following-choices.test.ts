import { expect, test } from 'vitest'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead, makeProject, makeQuote } from '../support/records.ts'
import { faultsOf } from './inspection.ts'
import { heading, press, visit } from './product.ts'

test('contacts, projects and quotes follow the client chosen, without saving, on a new deal and on one there is', async () => {
  const account = await makeUser({ name: 'Rosa' })
  const rosa = as(account)
  const [one, two] = [await makeClient(rosa, { name: 'One' }), await makeClient(rosa, { name: 'Two' })]
  await makeContact(rosa, one.id, { firstName: 'Ada', lastName: 'Byron' })
  await makeProject(rosa, one.id, { name: 'Hall one' })
  await makeQuote(rosa, one.id, { title: 'Lenses' })
  await makeContact(rosa, two.id, { firstName: 'Grace', lastName: 'Hopper' })
  const deal = await makeDeal(rosa, { name: 'There', clientId: two.id })

  const page = await visit({ as: account, expects: [422] })
  const offered = (name: string) => page.locator(`select[name=${name}] option`).allInnerTexts()
  await page.goto('/deals/create')
  await page.getByLabel('Name').fill('Made')
  await page.getByLabel('Value').fill('12.50')
  await page.getByLabel('Client', { exact: true }).selectOption('One')
  await page.getByLabel('Contact').selectOption('Ada Byron')
  expect([await offered('relatedProjectId'), (await offered('relatedQuoteId')).length]).toEqual([
    ['No project', 'Hall one'],
    2,
  ])
  expect(await page.getByLabel('Value').inputValue()).toBe('12.50')
  expect(await faultsOf(page)).toEqual([])
  await page.getByLabel('Client', { exact: true }).selectOption('Two')
  await page.locator('select[name=contactId] option', { hasText: 'Grace Hopper' }).waitFor({ state: 'attached' })
  expect([await offered('contactId'), await offered('relatedProjectId')]).toEqual([
    ['Nobody in particular', 'Grace Hopper'],
    ['No project'],
  ])
  await page.getByLabel('Contact').selectOption('Grace Hopper')
  await press(page, 'Create deal')
  expect(await heading(page)).toBe('Made')
  expect(await page.getByRole('link', { name: 'Grace Hopper' }).count()).toBe(1)

  await page.goto(`/deals/${deal.id}/edit`)
  expect(await offered('contactId')).toEqual(['Nobody in particular', 'Grace Hopper'])
  await page.getByLabel('Client', { exact: true }).selectOption('One')
  await page.getByLabel('Contact').selectOption('Ada Byron')
  await press(page, 'Save')
  expect(await heading(page)).toBe('There')
  expect(await page.getByRole('link', { name: 'Ada Byron' }).count()).toBe(1)
})

test('the wizard shows the contacts of the client chosen, and none of a new one', async () => {
  const account = await makeUser({ name: 'Emil' })
  const emil = as(account)
  const client = await makeClient(emil, { name: 'Chosen Works' })
  await makeContact(emil, client.id, { firstName: 'Ada', lastName: 'Byron' })
  const lead = await makeLead(emil, { companyName: 'Unheard of' })

  const page = await visit({ as: account, expects: [422] })
  await page.goto(`/leads/${lead.id}/convert-to-deal`)
  await page.getByLabel('A client we have').check()
  await page.getByLabel('Existing client').selectOption('Chosen Works')
  await page.getByLabel('A contact we have').check()
  await page.getByLabel('Existing contact').selectOption('Ada Byron')
  expect(await faultsOf(page)).toEqual([])
  await page.getByLabel('A new client').check()
  await page.getByLabel('A contact we have').waitFor({ state: 'detached' })
  expect(await page.getByLabel('A new contact').isChecked()).toBe(true)

  await page.getByLabel('A client we have').check()
  await page.getByLabel('A contact we have').check()
  await page.getByLabel('Existing contact').selectOption('Ada Byron')
  await press(page, 'Convert')
  expect(await heading(page)).toBe('Unheard of')
  expect(await page.getByRole('link', { name: 'Ada Byron' }).count()).toBeGreaterThan(0)
})

test('who might be the same as a lead is told while it is typed, and leads there', async () => {
  const account = await makeUser({ name: 'Ida' })
  const ida = as(account)
  const client = await makeClient(ida, { name: 'Twin Optics' })
  await makeContact(ida, client.id, { firstName: 'Ada', lastName: 'Byron', email: 'ada@twin.example' })

  const page = await visit({ as: account })
  await page.goto('/leads/create')
  await page.getByLabel('E-mail').pressSequentially('ada@twin.example')
  await page.getByRole('heading', { name: 'This might be there already' }).waitFor()
  expect(await page.evaluate('document.activeElement.id')).toBe('email')
  expect(await page.getByRole('link', { name: 'Ada Byron' }).count()).toBe(1)
  expect(await faultsOf(page)).toEqual([])

  await page.getByLabel('E-mail').fill('')
  await page.getByRole('heading', { name: 'This might be there already' }).waitFor({ state: 'detached' })
  await page.getByLabel('Company').fill('twin optics')
  await page.getByRole('link', { name: 'Twin Optics' }).click()
  await page.waitForURL(`**/clients/${client.id}`)
  expect(await heading(page)).toBe('Twin Optics')
})
