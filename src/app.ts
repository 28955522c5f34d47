import compression from 'compression'
import express from 'express'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { operations } from './api.ts'
import type { Config } from './config.ts'
import { accessRoutes } from './features/access/routes.ts'
import {
  activityFileRoutes,
  activityRoutes,
  dealActivityRoutes,
  dealRecordActivityRoutes,
  leadActivityRoutes,
  leadRecordActivityRoutes,
} from './features/activities/routes.ts'
import { clientFileRoutes, clientRoutes } from './features/clients/routes.ts'
import {
  communicationFileRoutes,
  communicationRoutes,
  contactCommunicationRoutes,
} from './features/communications/routes.ts'
import { clientContactRoutes, contactFileRoutes, contactRoutes } from './features/contacts/routes.ts'
import { currencyFileRoutes, currencyRoutes } from './features/currencies/routes.ts'
import { boardRoutes } from './features/deals/board-routes.ts'
import { dealApiRoutes, dealFileRoutes, dealRoutes } from './features/deals/routes.ts'
import { feedFileRoutes, feedRoutes } from './features/feeds/routes.ts'
import { FEED_PATH } from './features/feeds/schema.ts'
import { helpFor } from './features/help/context.ts'
import { helpRoutes } from './features/help/routes.ts'
import { undoable } from './features/history/offers.ts'
import { historyRoutes } from './features/history/routes.ts'
import { conversionRoutes } from './features/leads/conversion-routes.ts'
import { leadFileRoutes, leadRoutes } from './features/leads/routes.ts'
import { clientProjectRoutes, projectRoutes } from './features/projects/routes.ts'
import { clientQuoteRoutes, quoteRoutes } from './features/quotes/routes.ts'
import { searchRoutes } from './features/search/routes.ts'
import { pipelineRoutes, stageRoutes } from './features/pipelines/routes.ts'
import { profileRoutes } from './features/profile/routes.ts'
import { reportFileRoutes, reportRoutes } from './features/reports/routes.ts'
import { signInLimits } from './features/sessions/limits.ts'
import { createPassport } from './features/sessions/passport.ts'
import { requireEnrolment, requireSignIn, sessionRoutes } from './features/sessions/routes.ts'
import { ownOnly, seeAsRoutes, seeingAs } from './features/sessions/see-as-routes.ts'
import { SessionStore } from './features/sessions/session-store.ts'
import { setupRoutes } from './features/setup/routes.ts'
import { teamRoutes } from './features/teams/routes.ts'
import { countDueLately } from './features/today/due.ts'
import { todayRoutes } from './features/today/routes.ts'
import { trashRoutes } from './features/trash/routes.ts'
import { callerBy } from './features/tokens/commands.ts'
import { tokenRoutes } from './features/tokens/routes.ts'
import { can } from './features/users/access.ts'
import { endForgottenLooks } from './features/users/commands/seeing-as.ts'
import { linkRoutes } from './features/users/link-routes.ts'
import { LINK_PATHS } from './features/users/links.ts'
import { settingsRoutes, userFileRoutes, userRoutes } from './features/users/routes.ts'
import { webhookDeliveryRoutes, webhookRoutes } from './features/webhooks/routes.ts'
import { fromRoot } from './paths.ts'
import { docsRoutes, documentRoutes } from './platform/api/docs-routes.ts'
import { API, apiRouter } from './platform/api/router.ts'
import type { Database } from './platform/database/database.ts'
import { readAssets } from './platform/http/assets.ts'
import { csrfToken, originCheck } from './platform/http/csrf.ts'
import { errorHandler, notFound } from './platform/http/errors.ts'
import { securityHeaders } from './platform/http/headers.ts'
import { healthRoutes } from './platform/http/health.ts'
import { requestLog } from './platform/http/logging.ts'
import { metrics } from './platform/http/metrics.ts'
import type { NavItem, PageSettings } from './platform/http/page.ts'
import { keepSignedIn, saveBeforeRedirect, sessions } from './platform/http/session.ts'
import { viewPrinter } from './platform/http/views.ts'
import { guardOf } from './platform/outgoing/addresses.ts'
import { poster } from './platform/outgoing/post.ts'
import { SYSTEM } from './platform/scope.ts'

/** What people go to every day; labels are translation keys. */
const NAV: readonly NavItem[] = [
  { href: '/', shortcut: 'g t', label: 'ui.nav.today', count: { of: countDueLately, label: 'today.nav.due' } },
  { href: '/leads', shortcut: 'g l', label: 'ui.nav.leads' },
  { href: '/deals', shortcut: 'g d', label: 'ui.nav.deals' },
  { href: '/deals/pipeline', shortcut: 'g p', label: 'ui.nav.pipeline' },
  { href: '/clients', shortcut: 'g c', label: 'ui.nav.clients' },
  { href: '/contacts', shortcut: 'g o', label: 'ui.nav.contacts' },
  { href: '/activities', shortcut: 'g a', label: 'ui.nav.activities' },
  { href: '/reports', shortcut: 'g r', label: 'ui.nav.reports' },
]

interface AppOptions {
  config: Config
  database: Database
  logger: Logger
  /** Signs session cookies. */
  secret: string
}

export interface App {
  handle: Express
  /** Ends the timers that keep the process alive. */
  close(): Promise<void>
}

/** The request's way through, in order, and where each part of the product is found. */
export function createApp({ config, database, logger, secret }: AppOptions): App {
  const app = express()
  const assets = readAssets()
  const https = config.baseUrl?.protocol === 'https:'
  const passport = createPassport(database)
  const store = new SessionStore(database.pool, () => {
    endForgottenLooks({ db: database, user: SYSTEM }).catch((error: unknown) => {
      logger.warn({ err: error }, 'looks with the rights of others whose session is over could not be ended')
    })
  })
  const { measure, report } = metrics(database.pool)
  const limits = signInLimits(database.pool)
  const guard = guardOf(config.webhookAllowedNetworks)

  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', config.trustProxy)
  app.set('query parser', 'simple')
  app.locals.db = database
  app.locals.page = {
    print: viewPrinter(fromRoot('views'), config.mode !== 'development'),
    nav: NAV,
    asset: assets.url,
    importMap: assets.importMap,
    helpFor,
    can,
    undoable,
  } satisfies PageSettings

  app.use(requestLog(logger, [...Object.values(LINK_PATHS), FEED_PATH]))
  app.use(measure)
  app.use(healthRoutes(database, report))
  app.use(securityHeaders({ importMap: assets.importMap, https }))
  app.use(compression())
  app.use('/assets', assets.router)
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })
  app.use(feedFileRoutes(config.baseUrl?.origin ?? null, limits))
  app.use(documentRoutes(operations))
  app.use(
    API,
    apiRouter(operations, (db, token) => callerBy(db, token, config.apiRate)),
  )
  app.use(originCheck(config.baseUrl?.origin ?? null))
  // A file of rates goes back a quarter of a century.
  app.use('/settings/currencies/import', express.urlencoded({ extended: false, limit: '6mb' }))
  app.use(express.urlencoded({ extended: false, limit: '1mb' }))
  app.use(sessions({ store, secret, secure: https }))
  app.use(saveBeforeRedirect)
  app.use(passport.session())
  app.use(keepSignedIn)
  app.use(csrfToken())
  app.use(seeingAs)

  app.use(sessionRoutes(passport, limits))
  app.use(linkRoutes(limits))
  app.use('/setup', setupRoutes)
  app.use(docsRoutes(operations, config.baseUrl?.origin ?? null))
  app.use(requireSignIn)
  app.use(requireEnrolment)

  app.use('/profile', ownOnly)
  app.use('/settings/tokens', ownOnly)
  app.use(seeAsRoutes)
  app.use('/', todayRoutes)
  app.use('/search', searchRoutes)
  app.use('/history', historyRoutes)
  app.use(helpRoutes)
  app.use(leadFileRoutes)
  app.use('/leads', leadRecordActivityRoutes)
  app.use('/leads', leadRoutes)
  app.use('/leads', conversionRoutes)
  app.use('/clients', clientContactRoutes)
  app.use('/clients', clientProjectRoutes)
  app.use('/clients', clientQuoteRoutes)
  app.use(clientFileRoutes)
  app.use('/clients', clientRoutes)
  app.use('/contacts', contactCommunicationRoutes)
  app.use(contactFileRoutes)
  app.use('/contacts', contactRoutes)
  app.use(communicationFileRoutes)
  app.use('/communications', communicationRoutes)
  app.use('/projects', projectRoutes)
  app.use('/quotes', quoteRoutes)
  app.use(dealFileRoutes)
  app.use('/deals', boardRoutes)
  app.use('/deals', dealRecordActivityRoutes)
  app.use('/deals', dealRoutes)
  app.use('/api/deals', dealApiRoutes)
  app.use(activityFileRoutes)
  app.use('/activities', activityRoutes)
  app.use('/lead-activities', leadActivityRoutes)
  app.use('/deal-activities', dealActivityRoutes)
  app.use('/trash', trashRoutes)
  app.use(reportFileRoutes)
  app.use('/reports', reportRoutes)
  app.use('/profile/feeds', feedRoutes(config.baseUrl?.origin ?? null))
  app.use('/access', accessRoutes)
  app.use('/profile', profileRoutes(limits))
  app.use('/settings', settingsRoutes)
  app.use(userFileRoutes)
  app.use('/settings/users', userRoutes(config.baseUrl?.origin ?? null))
  app.use('/settings/teams', teamRoutes)
  app.use('/settings/tokens', tokenRoutes)
  app.use('/settings/webhooks', webhookRoutes(guard, poster({ guard })))
  app.use('/settings/webhook-deliveries', webhookDeliveryRoutes)
  app.use('/settings/pipelines', pipelineRoutes)
  app.use('/settings/stages', stageRoutes)
  app.use(currencyFileRoutes)
  app.use('/settings/currencies', currencyRoutes)

  app.use(notFound)
  app.use(errorHandler(['/login', '/setup', ...Object.values(LINK_PATHS)]))

  return { handle: app, close: async () => store.close() }
}
