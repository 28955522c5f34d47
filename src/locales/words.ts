import type board from './en/board.json'
import type api from './en/api.json'
import type access from './en/access.json'
import type activities from './en/activities.json'
import type clients from './en/clients.json'
import type communications from './en/communications.json'
import type contacts from './en/contacts.json'
import type currencies from './en/currencies.json'
import type deals from './en/deals.json'
import type errors from './en/errors.json'
import type feeds from './en/feeds.json'
import type help from './en/help.json'
import type history from './en/history.json'
import type leads from './en/leads.json'
import type pipelines from './en/pipelines.json'
import type profile from './en/profile.json'
import type projects from './en/projects.json'
import type quotes from './en/quotes.json'
import type search from './en/search.json'
import type reports from './en/reports.json'
import type sessions from './en/sessions.json'
import type setup from './en/setup.json'
import type timeline from './en/timeline.json'
import type teams from './en/teams.json'
import type tokens from './en/tokens.json'
import type today from './en/today.json'
import type trash from './en/trash.json'
import type ui from './en/ui.json'
import type users from './en/users.json'
import type webhooks from './en/webhooks.json'

/** Every word the product says, by file; English is the measure, and a test holds the other languages to it. */
export interface Words {
  access: typeof access
  activities: typeof activities
  api: typeof api
  board: typeof board
  clients: typeof clients
  communications: typeof communications
  contacts: typeof contacts
  currencies: typeof currencies
  deals: typeof deals
  errors: typeof errors
  feeds: typeof feeds
  help: typeof help
  history: typeof history
  leads: typeof leads
  pipelines: typeof pipelines
  profile: typeof profile
  projects: typeof projects
  quotes: typeof quotes
  search: typeof search
  reports: typeof reports
  sessions: typeof sessions
  setup: typeof setup
  timeline: typeof timeline
  teams: typeof teams
  tokens: typeof tokens
  today: typeof today
  trash: typeof trash
  ui: typeof ui
  users: typeof users
  webhooks: typeof webhooks
}
