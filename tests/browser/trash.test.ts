import { expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveLead } from '../../src/features/leads/commands.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeLead } from '../support/records.ts'
import { faultsOf } from './inspection.ts'
import { visit } from './product.ts'

/** Two archived leads, and an archived client whose contact is not. */
async function makeTrash(firstName: string) {
  const nora = await makeUser({ name: 'Nora Hartley', role: 'admin' })
  const scope = as(nora)
  for (const lastName of ['Byron', 'Lovelace']) {
    const { id } = await makeLead(scope, { firstName, lastName })
    await archiveLead(scope, id)
  }
  const client = await makeClient(scope, { name: `${firstName} Optik` })
  await makeContact(scope, client.id, { firstName, lastName: 'Byron' })
  await archiveClient(scope, client.id)
  return nora
}

test.each([true, false])(
  'what was archived is put back, or deleted for good by somebody who was told what goes along (JavaScript: %s)',
  async (javaScriptEnabled) => {
    const firstName = javaScriptEnabled ? 'Ada' : 'Ida'
    const page = await visit({ as: await makeTrash(firstName), expects: [422], javaScriptEnabled })

    await page.getByText('Nora Hartley').first().click()
    await page.getByRole('link', { name: 'Trash' }).click()
    await page.getByRole('navigation', { name: 'What is in the Trash' }).getByRole('link', { name: 'Leads' }).click()
    await page.getByLabel(`Choose ${firstName} Byron`).check()
    await page.getByLabel(`Choose ${firstName} Lovelace`).check()
    if (javaScriptEnabled) expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Restore selected' }).click()
    await page.getByText('2 records are back.', { exact: true }).waitFor()

    const kinds = page.getByRole('navigation', { name: 'What is in the Trash' })
    await kinds.getByRole('link', { name: 'Clients' }).click()
    await page.getByRole('link', { name: `Delete for good ${firstName} Optik` }).click()
    await page.getByRole('link', { name: `${firstName} Byron` }).waitFor()
    if (javaScriptEnabled) expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('Please say that what is not archived is to go too.').first().waitFor()
    await page.getByLabel('Delete what is not archived too (1 record)').check()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('The client was deleted for good.', { exact: true }).waitFor()
    expect(await page.getByText(`${firstName} Optik`).count()).toBe(0)
  },
)
