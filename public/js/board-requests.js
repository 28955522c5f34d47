// @ts-check

/**
 * What has changed on the board, as HTML.
 * @typedef {{ columns: { stage: string, header: string, cards?: string, more?: string }[], card: string | null, notices: string }} Moved
 * @typedef {{ ok: false, status: number, title: string, errors: Record<string, string[]> }} Refused
 * @typedef {{ ok: true, moved: Moved } | Refused} Answer
 */

/** Away: the network, or the server. Signed out: what answered was the sign-in page. */
const AWAY = 0
export const SIGNED_OUT = 401

/** One after the other, in the order they were asked for: each move counts on the ones before it. @type {Promise<unknown>} */
let last = Promise.resolve()

/**
 * @param {string} url
 * @param {Record<string, string>} fields
 * @returns {Promise<Answer>}
 */
export function post(url, fields) {
  const answer = last.then(() => send(url, fields))
  last = answer
  return answer
}

/**
 * @param {string} url
 * @param {Record<string, string>} fields
 * @returns {Promise<Answer>}
 */
async function send(url, fields) {
  const token = document.querySelector('meta[name=csrf-token]')?.getAttribute('content') ?? ''
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { Accept: 'application/json', 'X-CSRF-Token': token },
    })
    if (response.redirected) return { ok: false, status: SIGNED_OUT, title: '', errors: {} }
    const answer = await response.json()
    return response.ok
      ? { ok: true, moved: answer }
      : { ok: false, status: response.status, title: String(answer.title ?? ''), errors: answer.errors ?? {} }
  } catch {
    // Not reached, or what answered (a proxy, say) does not know us.
    return { ok: false, status: AWAY, title: '', errors: {} }
  }
}
