import type { Session } from './load.ts'

/** Signs in as a browser does, by the form. */
export async function signIn(
  address: string,
  { email, password }: { email: string; password: string },
): Promise<Session> {
  const asked = await fetch(`${address}/login`)
  const anonymous: Session = { cookie: cookieOf(asked), token: tokenOf(await asked.text()) }
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
