import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Session } from './load.ts'

/** What the browser of somebody signed in has. */
type BrowserSession = Omit<Session, 'bearer'>

/** Tokens for programs of the first user, for everything: one a connection, as a token is counted by. */
export async function makeTokens(databaseUrl: string, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => `dw_${randomBytes(32).toString('base64url')}`)
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT set_config('dealwright.actor', 'system', true)`)
    await client.query(
      `INSERT INTO api_tokens (user_id, name, ending, token_hash, scopes, credentials_version)
       SELECT u.id, 'Load', t.ending, t.hash, '{*:write}', u.credentials_version
       FROM users u, unnest($1::text[], $2::text[]) AS t (ending, hash) WHERE u.id = 1`,
      [tokens.map((token) => token.slice(-4)), tokens.map((token) => createHash('sha256').update(token).digest('hex'))],
    )
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
  return tokens
}

/** Signs in as a browser does, by the form. */
export async function signIn(
  address: string,
  { email, password }: { email: string; password: string },
): Promise<BrowserSession> {
  const asked = await fetch(`${address}/login`)
  const anonymous: BrowserSession = { cookie: cookieOf(asked), token: tokenOf(await asked.text()) }
  const answer = await fetch(`${address}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: anonymous.cookie },
    body: new URLSearchParams({ email, password, _csrf: anonymous.token }),
  })
  if (answer.status !== 303) throw new Error(`signing in answered ${answer.status}`)
  const cookie = cookieOf(answer)
  const form = await fetch(`${address}/leads/create`, { headers: { cookie } })
  return { cookie, token: tokenOf(await form.text()) }
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

function tokenOf(html: string): string {
  const token = /name="_csrf" value="([^"]*)"/.exec(html)?.[1]
  if (!token) throw new Error('the page has no form with a token')
  return token
}
