import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { markAsRead } from '../../src/features/today/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal } from '../support/records.ts'

export interface Desk {
  nora: Account
  /** Of Ada Byron at Zürich Optik, who can be reached at +41 44 123 45 67; 12,000 euros, in Prospecting. */
  microscopes: number
}

/** What an administrator finds in the morning: three things to do, and a deal that Emil moved while she was away. */
export async function makeDesk(): Promise<Desk> {
  const nora = await makeUser({ name: 'Nora Hartley', role: 'admin' })
  const scope = as(nora)
  const today = dayIn('Europe/Berlin')
  const client = await makeClient(scope, { name: 'Zürich Optik' })
  const contact = await makeContact(scope, client.id, {
    firstName: 'Ada',
    lastName: 'Byron',
    phone: '+41 44 123 45 67',
  })
  const ours = { clientId: client.id, contactId: contact.id }
  const microscopes = await makeDeal(scope, { name: 'Twelve microscopes', value: '12000', ...ours })
  const lenses = await makeDeal(scope, { name: 'Lenses', value: '1000', currencyCode: 'USD', ...ours })
  await makeDeal(scope, { name: 'Old lamps', value: '500', currencyCode: 'GBP' })
  const sold = await makeDeal(scope, { name: 'Prisms', value: '700' })
  await closeDeal(scope, sold.id, { outcome: 'won' })
  await makeActivity(scope, 'deal', lenses.id, { subject: 'Ask the lab', dueDate: addDays(today, -1) })
  await makeActivity(scope, 'deal', microscopes.id, { subject: 'Write the offer', dueDate: today })
  await makeCommunication(scope, contact.id, { subject: 'Sample lenses', followUpDate: today })

  await markAsRead(scope, new Date())
  const emil = as(await makeUser({ name: 'Emil Sommer' }))
  await moveDeal(emil, lenses.id, { stage: 'proposal' })
  return { nora, microscopes: microscopes.id }
}
