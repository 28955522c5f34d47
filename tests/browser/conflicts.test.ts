import sql from 'sql-template-tag'
import { expect, test } from 'vitest'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient } from '../support/records.ts'
import { faultsOf } from './inspection.ts'
import { heading, press, visit } from './product.ts'

const rosa = await makeUser({ name: 'Rosa Winter' })
const emil = await makeUser({ name: 'Emil Sommer' })

async function stored(id: number) {
  const [client] = await db.query(sql`SELECT name, website, address, description FROM clients WHERE id = ${id}`)
  return client
}

for (const javaScriptEnabled of [true, false]) {
  test(`two people edit a client, and the second decides, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const { id } = await makeClient(as(rosa), { name: 'Before', description: 'Old words' })
    const first = await visit({ as: emil })
    const late = await visit({ as: rosa, javaScriptEnabled, expects: [409], width: 320 })
    for (const page of [first, late]) await page.goto(`/clients/${id}/edit`)

    await first.getByRole('textbox', { name: /^Name/ }).fill('Emil’s name')
    await first.getByLabel('Website').fill('https://emil.example')
    await first.getByLabel('Description').fill('Emil’s words')
    await press(first, 'Save client')
    await late.getByRole('textbox', { name: /^Name/ }).fill('Rosa’s name')
    await late.getByLabel('Description').fill('Rosa’s words')
    await late.getByRole('textbox', { name: 'Address' }).fill('Rosa’s street')
    await press(late, 'Save client')

    await late.getByRole('heading', { name: 'Emil Sommer saved this in the meantime' }).waitFor()
    const names = late.getByRole('group', { name: 'Name', exact: true })
    const words = late.getByRole('group', { name: 'Description' })
    expect(await names.innerText()).toMatch(/Rosa’s name[\s\S]*Emil’s name/)
    expect(await names.getByLabel('Your version').isChecked()).toBe(true)
    expect(await late.getByLabel('Website').inputValue()).toBe('https://emil.example')
    // Soft: what the header does wrong is no reason not to look at the rest.
    if (javaScriptEnabled) expect.soft(await faultsOf(late)).toEqual([])

    // By keyboard alone.
    await names.getByLabel('Your version').focus()
    await late.keyboard.press('ArrowDown')
    expect(await names.getByLabel('Saved by Emil Sommer').isChecked()).toBe(true)
    const field = late.getByRole('textbox', { name: /^Name/ })
    expect(await field.inputValue()).toBe(javaScriptEnabled ? 'Emil’s name' : 'Rosa’s name')
    await words.getByLabel('Saved by Emil Sommer').check()
    await late.getByRole('textbox', { name: 'Description' }).fill('Words of both')
    if (javaScriptEnabled) expect(await words.getByLabel('Your version').isChecked()).toBe(true)
    await press(late, 'Save client')

    expect(await heading(late)).toBe('Emil’s name')
    expect(await stored(id)).toEqual({
      name: 'Emil’s name',
      website: 'https://emil.example',
      address: 'Rosa’s street',
      description: 'Words of both',
    })
  }, 90_000)
}
