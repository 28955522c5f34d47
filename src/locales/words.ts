import type clients from './en/clients.json'
import type communications from './en/communications.json'
import type contacts from './en/contacts.json'
import type deals from './en/deals.json'
import type errors from './en/errors.json'
import type leads from './en/leads.json'
import type pipelines from './en/pipelines.json'
import type projects from './en/projects.json'
import type quotes from './en/quotes.json'
import type sessions from './en/sessions.json'
import type setup from './en/setup.json'
import type today from './en/today.json'
import type ui from './en/ui.json'
import type users from './en/users.json'

/** Every word the product says, by file; English is the measure, and a test holds the other languages to it. */
export interface Words {
  clients: typeof clients
  communications: typeof communications
  contacts: typeof contacts
  deals: typeof deals
  errors: typeof errors
  leads: typeof leads
  pipelines: typeof pipelines
  projects: typeof projects
  quotes: typeof quotes
  sessions: typeof sessions
  setup: typeof setup
  today: typeof today
  ui: typeof ui
  users: typeof users
}
