import { NOUNS } from './access-world.ts'
import type { Noun, World } from './access-world.ts'
import type { SiteRoute } from './site.ts'

/** Who may use an address. */
export type Kind =
  /** Everybody, signed in or not; what is secret about it is in the address. */
  | 'public'
  /** Everybody signed in. What it shows depends on who looks; what it changes is one's own. */
  | 'anyone'
  /** Everybody signed in, for what is their own and named in the form: where that is nothing of theirs, it does not exist. */
  | 'own'
  /** Everybody but viewers. */
  | 'writers'
  /** Administrators. */
  | 'admins'
  /** Who sees the record; for all others it does not exist. */
  | 'sees'
  /** Who may change the record. Forbidden to who only sees it; for all others it does not exist. Forms are no different from what they send. */
  | 'changes'
  /** The same; to a viewer it is always forbidden. */
  | 'undoes'
  /** Administrators. Forbidden to who only sees it; for all others it does not exist. */
  | 'erases'

interface Row {
  kind: Kind
  /** What `:id` is a record of, or what a `:changeSet` changed; more than one where any will do. */
  nouns: readonly Noun[]
}

/** What has pages of its own about it: an activity is told of where its lead or deal is. */
const RECORDS = NOUNS.filter((noun) => !noun.endsWith('-activities'))

const rows: [kind: Kind, noun: Noun | readonly Noun[] | null, routes: string][] = [
  [
    'public',
    null,
    `GET /{healthz,readyz,metrics} · GET /assets/modules/{hotwired/turbo,hotwired/stimulus,sortablejs}.js
     GET|POST /{login,login/code,setup} · POST /logout · GET /api/{openapi.json,docs} · GET|POST /{invitations,passwords}/:token · GET /feeds/:secret.ics`,
  ],

  [
    'anyone',
    null,
    `GET / · POST /today/seen · POST /see-as/stop · GET /search · GET /search/options · GET /shortcuts · GET /help · GET /help/:page
     GET /{leads,clients,contacts,communications,deals,activities,history} · GET /{leads,clients,contacts,communications,deals,activities}.csv
     GET /leads/duplicates · GET /clients/options · GET /deals/pipeline
     GET /reports · GET /reports/{pipeline,won-and-lost,time-in-stage,funnel,sources,lost-deals,lost-leads,owners}.csv
     GET|POST /profile · GET|POST /profile/{password,two-factor,two-factor/codes}
     POST /profile/{sessions/end,sessions/end-others,two-factor/disable}
     GET|POST /profile/feeds · GET /profile/feeds/{link,change,revoke} · GET /trash · GET /trash/{contacts,leads,deals}
     GET /settings/tokens · GET|POST /settings/tokens/create
     GET /settings/currencies · GET /settings/currencies.csv`,
  ],

  ['own', null, 'POST /profile/feeds/{link,change,revoke} · POST /settings/tokens/revoke'],

  ['writers', null, 'GET|POST /{leads,clients,deals}/create · POST /trash/{clients,contacts,leads,deals}/restore'],

  [
    'admins',
    null,
    `GET /settings · POST /settings/two-factor · GET /settings/users.csv · GET /settings/{users,teams}
     GET|POST /settings/{users,teams,currencies}/create · GET|POST /settings/{users,teams,currencies}/:id/edit
     GET /settings/users/:id · GET|POST /settings/users/:id/{link,hand-over}
     POST /settings/users/:id/see-as
     POST /settings/users/:id/{withdraw,deactivate,reactivate,sign-out,reset-two-factor}
     GET|POST /settings/teams/:id/delete
     GET /settings/webhooks · GET|POST /settings/webhooks/create · GET /settings/webhooks/:id
     GET|POST /settings/webhooks/:id/{edit,rotate,delete} · POST /settings/webhooks/:id/{test,replay,pause,resume}
     GET /settings/webhook-deliveries/:id · POST /settings/webhook-deliveries/:id/replay
     GET /settings/pipelines · GET|POST /settings/pipelines/create · GET|POST /settings/pipelines/:id/{edit,delete,stages/create}
     POST /settings/pipelines/:id/make-default · GET|POST /settings/stages/:id/{edit,delete} · POST /settings/stages/:id/move
     GET|POST /trash/delete
     POST /settings/currencies/base · GET|POST /settings/currencies/import · POST /settings/currencies/:id/delete`,
  ],

  ['sees', 'clients', 'GET /clients/:id · GET /clients/:id/contacts'],
  ['sees', 'contacts', 'GET /contacts/:id · GET /contacts/:id.vcf'],
  ['sees', 'communications', 'GET /communications/:id'],
  ['sees', 'projects', 'GET /projects/:id'],
  ['sees', 'quotes', 'GET /quotes/:id'],
  ['sees', 'leads', 'GET /leads/:id'],
  ['sees', 'deals', 'GET /deals/:id · GET /api/deals/:id/contacts'],
  ...(['clients', 'contacts', 'communications', 'projects', 'quotes', 'leads', 'deals'] as const).map(
    (noun): (typeof rows)[number] => ['sees', noun, `GET /access/${noun}/:id`],
  ),
  ['sees', 'lead-activities', 'GET /lead-activities/:id'],
  ['sees', 'deal-activities', 'GET /deal-activities/:id'],

  [
    'changes',
    'clients',
    `GET|POST /clients/:id/{edit,contacts/create,projects/create,quotes/create}
     POST /clients/:id/{communications/create,delete,restore}`,
  ],
  [
    'changes',
    'contacts',
    'GET|POST /contacts/:id/{edit,communications/create} · POST /contacts/:id/{set-primary,delete,restore}',
  ],
  [
    'changes',
    'communications',
    'GET|POST /communications/:id/{edit,snooze} · POST /communications/:id/{complete,reopen,delete}',
  ],
  ['changes', 'projects', 'GET|POST /projects/:id/edit · POST /projects/:id/delete'],
  ['changes', 'quotes', 'GET|POST /quotes/:id/edit · POST /quotes/:id/delete'],
  [
    'changes',
    'leads',
    `GET|POST /leads/:id/{edit,convert-to-client,convert-to-deal,activities/create}
     POST /leads/:id/{mark-lost,reopen,delete,restore}`,
  ],
  [
    'changes',
    'deals',
    `GET|POST /deals/:id/{edit,activities/create}
     POST /deals/:id/{move,close-won,close-lost,reopen,delete,restore}`,
  ],
  ...(['lead-activities', 'deal-activities'] as const).map((noun): (typeof rows)[number] => [
    'changes',
    noun,
    `GET|POST /${noun}/:id/{edit,snooze,reassign} · POST /${noun}/:id/{complete,reopen,cancel,delete}`,
  ]),
  ['sees', RECORDS, 'GET /history/:noun/:id'],
  ['undoes', NOUNS, 'POST /history/:changeSet/undo'],

  ...(['clients', 'contacts', 'leads', 'deals'] as const).map((noun): (typeof rows)[number] => [
    'erases',
    noun,
    `GET|POST /trash/${noun}/:id/delete`,
  ]),
]

/** "get /leads/:id" as the table names it: "GET /leads/:id". */
export function nameOf({ method, path }: SiteRoute): string {
  return `${method.toUpperCase()} ${path}`
}

/** The rows, by the name of each route in them. Throws for a route that stands in two. */
export function accessTable(): ReadonlyMap<string, Row> {
  const table = new Map<string, Row>()
  for (const [kind, noun, routes] of rows) {
    const nouns = noun === null ? [] : typeof noun === 'string' ? [noun] : noun
    for (const route of routes.split(/ · |\n/).flatMap((text) => written(text.trim()))) {
      if (table.has(route)) throw new Error(`"${route}" stands in two rows of the table of access`)
      table.set(route, { kind, nouns })
    }
  }
  return table
}

/** "GET|POST /{a,b}/c": each route that it says. */
function written(text: string): string[] {
  const [methods = '', path = ''] = text.split(' ')
  const [, before, choices, after] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [null, path, '', '']
  return methods
    .split('|')
    .flatMap((method) => (choices ?? '').split(',').map((choice) => `${method} ${before}${choice}${after}`))
}

const NO_CHANGE_SET = '00000000-0000-4000-8000-000000000000'

/** Where `route` is found for a record: by its id, or by the changes that made it. */
export function placeOf({ path }: SiteRoute, { changeSets }: World, noun: Noun, id: number): string {
  return path
    .replace(':noun', noun)
    .replace(':changeSet', changeSets.get(`${noun} ${id}`) ?? NO_CHANGE_SET)
    .replace(':id', String(id))
}
