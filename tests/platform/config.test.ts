import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { StartupError } from '../../src/platform/errors.ts'

test('without any variable the product runs on this machine alone, in production mode, on its own database', () => {
  expect(readConfig({})).toMatchObject({
    mode: 'production',
    port: 3000,
    host: '127.0.0.1',
    databaseUrl: null,
    sessionSecret: null,
    baseUrl: null,
    trustProxy: false,
    admin: null,
    demo: false,
  })
})

test('a variable set to nothing counts as not set', () => {
  expect(
    readConfig({ PORT: '', DATABASE_URL: '', SESSION_SECRET: '', BASE_URL: '', ADMIN_EMAIL: '', DEMO: '' }),
  ).toEqual(readConfig({}))
})

test('every variable is read', () => {
  const config = readConfig({
    NODE_ENV: 'production',
    PORT: '0',
    HOST: '::1',
    DATA_DIR: 'elsewhere',
    DATABASE_URL: 'postgres://someone@localhost/crm',
    DATABASE_POOL: '25',
    BACKUPS: '3',
    SESSION_SECRET: 'sixteen letters!',
    BASE_URL: 'https://crm.example.com',
    TRUST_PROXY: '1',
    WEBHOOK_ALLOWED_NETWORKS: 'hooks.intern, 10.1.0.0/16,fd00::1',
    API_RATE: '60',
    ADMIN_EMAIL: 'rosa@example.com',
    ADMIN_PASSWORD: 'ten letters',
    DEMO: '1',
    LOG_LEVEL: 'warn',
  })

  expect(config).toEqual({
    mode: 'production',
    port: 0,
    host: '::1',
    dataDir: 'elsewhere',
    databaseUrl: 'postgres://someone@localhost/crm',
    databasePool: 25,
    backups: 3,
    sessionSecret: 'sixteen letters!',
    baseUrl: new URL('https://crm.example.com'),
    trustProxy: 1,
    webhookAllowedNetworks: ['hooks.intern', '10.1.0.0/16', 'fd00::1'],
    apiRate: 60,
    admin: { email: 'rosa@example.com', password: 'ten letters' },
    demo: true,
    logLevel: 'warn',
  })
})

describe('a bad variable is one sentence that names it', () => {
  test.each([
    ['PORT', '70000'],
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['DATABASE_URL', 'mysql://localhost/crm'],
    ['DATABASE_POOL', '0'],
    ['BACKUPS', '-1'],
    ['SESSION_SECRET', 'short'],
    ['BASE_URL', 'crm.example.com'],
    ['BASE_URL', 'ftp://crm.example.com'],
    ['TRUST_PROXY', 'yes please'],
    ['ADMIN_EMAIL', 'rosa'],
    ['ADMIN_PASSWORD', 'short'],
    ['DEMO', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
  ])('%s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(StartupError)
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} must [^\\n]+\\.$`))
  })
})

test('an administrator needs both address and password', () => {
  expect(() => readConfig({ ADMIN_EMAIL: 'rosa@example.com' })).toThrow(/ADMIN_PASSWORD/)
  expect(() => readConfig({ ADMIN_PASSWORD: 'ten letters' })).toThrow(/ADMIN_EMAIL/)
})

test('processes that share a database in production must share the secret', () => {
  expect(() => readConfig({ NODE_ENV: 'production', DATABASE_URL: 'postgresql://localhost/crm' })).toThrow(
    /^SESSION_SECRET is required/,
  )
})

test.each([
  ['true', 1],
  ['off', false],
  ['2', 2],
  ['10.0.0.0/8, 192.168.1.1', '10.0.0.0/8, 192.168.1.1'],
  ['loopback', 'loopback'],
])('TRUST_PROXY=%s means %s', (text, meaning) => {
  expect(readConfig({ TRUST_PROXY: text }).trustProxy).toBe(meaning)
})
