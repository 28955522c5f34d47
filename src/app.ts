import compression from 'compression'
import express from 'express'
import type { Express } from 'express'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { clientFileRoutes, clientRoutes } from './features/clients/routes.ts'
import {
  communicationFileRoutes,
  communicationRoutes,
  contactCommunicationRoutes,
} from './features/communications/routes.ts'
import { clientContactRoutes, contactFileRoutes, contactRoutes } from './features/contacts/routes.ts'
import { dealApiRoutes, dealFileRoutes, dealRoutes } from './features/deals/routes.ts'
import { leadFileRoutes, leadRoutes } from './features/leads/routes.ts'
import { clientProjectRoutes, projectRoutes } from './features/projects/routes.ts'
import { clientQuoteRoutes, quoteRoutes } from './features/quotes/routes.ts'
import { signInLimits } from './features/sessions/limits.ts'
import { createPassport } from './features/sessions/passport.ts'
import { requireSignIn, sessionRoutes } from './features/sessions/routes.ts'
import { SessionStore } from './features/sessions/session-store.ts'
import { setupRoutes } from './features/setup/routes.ts'
import { todayRoutes } from './features/today/routes.ts'
import { can } from './features/users/access.ts'
import { fromRoot } from './paths.ts'
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
import { viewEngine } from './platform/http/views.ts'

/** What people go to every day; labels are translation keys. */
const NAV: readonly NavItem[] = [
  { href: '/', label: 'ui.nav.today' },
  { href: '/leads', label: 'ui.nav.leads' },
  { href: '/deals', label: 'ui.nav.deals' },
  { href: '/deals/pipeline', label: 'ui.nav.pipeline' },
  { href: '/clients', label: 'ui.nav.clients' },
  { href: '/contacts', label: 'ui.nav.contacts' },
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
  const store = new SessionStore(database.pool)
  const { measure, report } = metrics(database.pool)

  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', config.trustProxy)
  app.set('query parser', 'simple')
  const caches = config.mode !== 'development'
  app.engine('ejs', viewEngine(fromRoot('views'), caches))
  app.set('view engine', 'ejs')
  app.set('views', fromRoot('views'))
  app.set('view cache', caches)
  app.locals.db = database
  app.locals.page = { nav: NAV, asset: assets.url, importMap: assets.importMap, can } satisfies PageSettings

  app.use(requestLog(logger))
  app.use(measure)
  app.use(healthRoutes(database, report))
  app.use(securityHeaders({ importMap: assets.importMap, https }))
  app.use(compression())
  app.use('/assets', assets.router)
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })
  app.use(originCheck(config.baseUrl?.origin ?? null))
  app.use(express.urlencoded({ extended: false, limit: '1mb' }))
  app.use(sessions({ store, secret, secure: https }))
  app.use(saveBeforeRedirect)
  app.use(passport.session())
  app.use(keepSignedIn)
  app.use(csrfToken())

  app.use(sessionRoutes(passport, signInLimits(database.pool)))
  app.use('/setup', setupRoutes)
  app.use(requireSignIn)

  app.use('/', todayRoutes)
  app.use(leadFileRoutes)
  app.use('/leads', leadRoutes)
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
  app.use('/deals', dealRoutes)
  app.use('/api/deals', dealApiRoutes)

  app.use(notFound)
  app.use(errorHandler)

  return { handle: app, close: async () => store.close() }
}
