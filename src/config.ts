import { z } from 'zod'
import { StartupError } from './platform/errors.ts'
import { fromRoot } from './paths.ts'

const Flag = z
  .enum(['', '0', '1', 'true', 'false', 'on', 'off'], { error: 'must be 1 or 0' })
  .transform((text) => ['1', 'true', 'on'].includes(text))
const Port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
  .transform(Number)
  .refine((port) => port <= 65_535, 'must be a number from 0 to 65535')

const Environment = z.object({
  NODE_ENV: z
    .enum(['production', 'development', 'test'], { error: 'must be production, development or test' })
    .optional(),
  PORT: Port.optional(),
  HOST: z.string().min(1).optional(),
  DATA_DIR: z.string().min(1).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
    .optional(),
  DATABASE_POOL: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'must be a number from 1 to 999')
    .transform(Number)
    .optional(),
  API_RATE: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, 'must be a number of requests a minute, from 1 to 9999999')
    .transform(Number)
    .optional(),
  BACKUPS: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a number from 0 to 999')
    .transform(Number)
    .optional(),
  SESSION_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  BASE_URL: z.url({ protocol: /^https?$/, error: 'must be an address such as https://crm.example.com' }).optional(),
  TRUST_PROXY: z
    .string()
    .regex(/^(\d{1,2}|true|false|on|off|[\da-fA-F.:/, ]+|loopback)$/, 'must be a number of proxies, or their addresses')
    .optional(),
  WEBHOOK_ALLOWED_NETWORKS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .optional(),
  ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
  ADMIN_PASSWORD: z.string().min(10, 'must have at least 10 characters').optional(),
  DEMO: Flag.optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .optional(),
})

/** The variables that mean something here. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape)

export interface Config {
  mode: 'production' | 'development' | 'test'
  port: number
  host: string
  dataDir: string
  /** null: run the embedded server. */
  databaseUrl: string | null
  databasePool: number
  /** How many requests a minute each token of the API may make. */
  apiRate: number
  /** How many backups of each kind are kept; 0: none are made. */
  backups: number
  /** null: generate one and keep it in DATA_DIR. */
  sessionSecret: string | null
  baseUrl: URL | null
  /** What Express takes as `trust proxy`. */
  trustProxy: boolean | number | string
  /** Hosts, addresses and networks that webhooks may go to though they are not public. */
  webhookAllowedNetworks: string[]
  admin: { email: string; password: string } | null
  demo: boolean
  logLevel: string
}

/** The environment, checked once. A variable set to nothing counts as not set. Throws StartupError naming the variable. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const checked = Environment.safeParse(given)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new StartupError(`${String(issue?.path[0])} ${issue?.message ?? 'is wrong'}.`)
  }
  const env = checked.data
  if (Boolean(env.ADMIN_EMAIL) !== Boolean(env.ADMIN_PASSWORD)) {
    throw new StartupError('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.')
  }
  if (env.NODE_ENV === 'production' && env.DATABASE_URL && !env.SESSION_SECRET) {
    throw new StartupError(
      'SESSION_SECRET is required with DATABASE_URL in production: every process must sign sessions with the same one.',
    )
  }
  if (env.BASE_URL?.startsWith('https:') && env.TRUST_PROXY === undefined) {
    throw new StartupError('BASE_URL is https, so a proxy stands in front: say how many with TRUST_PROXY (usually 1).')
  }
  return {
    mode: env.NODE_ENV ?? 'production',
    port: env.PORT ?? 3000,
    host: env.HOST ?? '127.0.0.1',
    dataDir: env.DATA_DIR ?? fromRoot('data'),
    databaseUrl: env.DATABASE_URL ?? null,
    databasePool: env.DATABASE_POOL ?? 10,
    apiRate: env.API_RATE ?? 600,
    backups: env.BACKUPS ?? 7,
    sessionSecret: env.SESSION_SECRET ?? null,
    baseUrl: env.BASE_URL ? new URL(env.BASE_URL) : null,
    trustProxy: trustProxyOf(env.TRUST_PROXY),
    webhookAllowedNetworks: env.WEBHOOK_ALLOWED_NETWORKS ?? [],
    admin: env.ADMIN_EMAIL && env.ADMIN_PASSWORD ? { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD } : null,
    demo: env.DEMO ?? false,
    logLevel: env.LOG_LEVEL ?? 'info',
  }
}

function trustProxyOf(text: string | undefined): boolean | number | string {
  if (text === undefined || text === 'false' || text === 'off') return false
  if (text === 'true' || text === 'on') return 1
  return /^\d+$/.test(text) ? Number(text) : text
}
