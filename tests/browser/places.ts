import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { markLeadLost } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import type { Scope } from '../../src/platform/scope.ts'
import {
  makeActivity,
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'

/** The pages one gets to before there is anything to see. */
export const FIRST_PAGES = {
  Today: '/',
  'the leads': '/leads',
  'the deals': '/deals',
  'the pipeline': '/deals/pipeline',
  'the clients': '/clients',
  'the contacts': '/contacts',
  'the communications': '/communications',
  'the activities': '/activities',
  'the search': '/search',
  'the reports': '/reports',
  'the currencies': '/settings/currencies',
  'a new rate': '/settings/currencies/create',
  'an import of rates': '/settings/currencies/import',
  'a new lead': '/leads/create',
  'a new deal': '/deals/create',
  'a new client': '/clients/create',
  'the keyboard shortcuts': '/shortcuts',
  'the guide': '/help',
  'a page of the guide': '/help/variables',
  'a search in the guide': '/help?q=backup',
  'the settings': '/settings',
  'the users': '/settings/users',
  'an invitation': '/settings/users/create',
  'the teams': '/settings/teams',
  'a new team': '/settings/teams/create',
  'the webhooks': '/settings/webhooks',
  'a new webhook': '/settings/webhooks/create',
  'the pipelines': '/settings/pipelines',
  'a new pipeline': '/settings/pipelines/create',
  'the profile': '/profile',
  'a new password': '/profile/password',
  'a second factor': '/profile/two-factor',
  'the calendars': '/profile/feeds',
  'a page that is not there': '/nowhere',
}

/** Names as the world has them: longer than a phone is wide, from right to left, with signs that mean something elsewhere. */
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
const TEXT =
  'First line\n\nhttps://example.com/a/very/long/address/that/never/ends/and/has/no/place/to/break/in/it?at=all'

/** Records in every state a page shows differently, and where each is to be seen. */
export async function makePlaces(scope: Scope): Promise<Record<string, string>> {
  const client = await makeClient(scope, {
    name: LONG,
    website: 'www.example.com',
    email: `${LONG.toLowerCase().replace('ä', 'a').slice(0, 60)}@example.com`,
    phone: '+49 170 1234567',
    tags: ['key account', LONG.slice(0, 50)],
    description: TEXT,
  })
  const contact = await makeContact(scope, client.id, {
    firstName: LONG,
    lastName: 'שלום <b>عالم</b>',
    email: 'kreditorenbuchhaltung@donaudampfschifffahrtsgesellschaft.example',
    mobile: '+49 170 1234567',
    notes: TEXT,
    tags: ['vip'],
  })
  const former = await makeContact(scope, client.id, { firstName: 'Ada' })
  await archiveContact(scope, former.id)
  const gone = await makeClient(scope, { name: 'Gone & Sons' })
  await archiveClient(scope, gone.id)

  const lead = await makeLead(scope, {
    companyName: LONG,
    email: 'emil@example.com',
    phone: '+49 30 1234567',
    estimatedValue: '99999999999999.99',
    score: 80,
    source: 'Trade fair',
    tags: ['vip'],
    notes: TEXT,
  })
  const twin = await makeLead(scope, { companyName: LONG, email: 'emil@example.com' })
  const lost = await makeLead(scope, { firstName: 'Lost' })
  await markLeadLost(scope, lost.id, TEXT)
  const converted = await makeLead(scope, {
    firstName: 'Converted',
    companyName: 'Converted Ltd',
    estimatedValue: '1200',
    currencyCode: 'JPY',
  })
  const { dealId } = await convertToDeal(scope, converted.id, {
    client: 'new',
    clientName: 'Converted Ltd',
    contact: 'new',
    firstName: 'Con',
    lastName: 'Verted',
  })

  const deal = await makeDeal(scope, {
    name: LONG,
    clientId: client.id,
    contactId: contact.id,
    value: '99999999999999.99',
    expectedCloseDate: '2020-02-29',
    tags: ['big'],
    description: TEXT,
  })
  await moveDeal(scope, deal.id, { stage: 'negotiation' })
  const won = await makeDeal(scope, { name: 'Won', clientId: client.id })
  await closeDeal(scope, won.id, { outcome: 'won' })
  const missed = await makeDeal(scope, { name: 'Missed' })
  await closeDeal(scope, missed.id, { outcome: 'lost', lossReason: TEXT })

  const project = await makeProject(scope, client.id, { name: LONG, description: TEXT, startDate: '2026-01-05' })
  const quote = await makeQuote(scope, client.id, {
    title: LONG,
    total: '99999999999999.99',
    status: 'sent',
    notes: TEXT,
  })
  const communication = await makeCommunication(scope, contact.id, {
    subject: LONG,
    content: TEXT,
    followUpDate: '2020-02-29',
    relatedDealId: deal.id,
    relatedProjectId: project.id,
    relatedQuoteId: quote.id,
  })

  const planned = await makeActivity(scope, 'deal', deal.id, {
    subject: LONG,
    description: TEXT,
    dueDate: '2020-02-29',
    dueTime: '14:30',
  })
  await makeActivity(scope, 'lead', lead.id, { type: 'note', status: 'completed', subject: null, description: TEXT })
  await makeActivity(scope, 'lead', lead.id, { type: 'task', dueDate: '2031-01-01', assigneeId: null })

  return {
    ...FIRST_PAGES,
    'leads found': '/leads?q=emil&status=new&sort=-value',
    'no leads found': '/leads?q=nothing',
    'what a search found': `/search?q=${LONG.slice(0, 20)}`,
    'what a search did not find': '/search?q=nothing',
    'a lead': `/leads/${lead.id}`,
    'a lead that is there twice': `/leads/${twin.id}`,
    'a lost lead': `/leads/${lost.id}`,
    'a converted lead': `/leads/${converted.id}`,
    'editing a lead': `/leads/${lead.id}/edit`,
    'converting a lead to a client': `/leads/${lead.id}/convert-to-client`,
    'converting a lead to a deal': `/leads/${lead.id}/convert-to-deal`,
    'a client': `/clients/${client.id}`,
    'an archived client': `/clients/${gone.id}`,
    'editing a client': `/clients/${client.id}/edit`,
    "a client's contacts": `/clients/${client.id}/contacts`,
    'a new contact': `/clients/${client.id}/contacts/create`,
    'a contact': `/contacts/${contact.id}`,
    'an archived contact': `/contacts/${former.id}`,
    'editing a contact': `/contacts/${contact.id}/edit`,
    'activities found': '/activities?status=pending&sort=due',
    'a new activity of a lead': `/leads/${lead.id}/activities/create`,
    'an activity': `/deal-activities/${planned.id}`,
    'editing an activity': `/deal-activities/${planned.id}/edit`,
    'putting an activity off': `/deal-activities/${planned.id}/snooze`,
    'assigning an activity': `/deal-activities/${planned.id}/reassign`,
    'a deal': `/deals/${deal.id}`,
    'a deal from a lead': `/deals/${dealId}`,
    'a deal that is won': `/deals/${won.id}`,
    'a deal that is lost': `/deals/${missed.id}`,
    'editing a deal': `/deals/${deal.id}/edit`,
    'a new communication': `/contacts/${contact.id}/communications/create`,
    'a communication': `/communications/${communication.id}`,
    'editing a communication': `/communications/${communication.id}/edit`,
    'a new project': `/clients/${client.id}/projects/create`,
    'a project': `/projects/${project.id}`,
    'who can see a project': `/access/projects/${project.id}`,
    'editing a project': `/projects/${project.id}/edit`,
    'a new quote': `/clients/${client.id}/quotes/create`,
    'a quote': `/quotes/${quote.id}`,
    'editing a quote': `/quotes/${quote.id}/edit`,
  }
}
