// @ts-check

/** One entry, of one person: what they opened lately is nobody else's to see, not even in the same browser. */
const KEY = 'dealwright.recent'
const KEPT = 6
const RECORD = /^\/(clients|contacts|leads|deals|communications)\/\d+$/

/** @typedef {{ href: string, name: string }} Visited */

/** Remembers the records somebody opens, in their browser; forgets them as soon as nobody, or somebody else, is signed in. */
export function rememberVisits() {
  document.addEventListener('turbo:load', () => {
    const user = document.querySelector('[data-search-user-value]')?.getAttribute('data-search-user-value')
    if (!user) {
      forget()
      return
    }
    // Looking with somebody else's rights is no visit of either.
    if (user === 'nobody') return
    // What a page about an error is called is no record.
    const name = document.querySelector('.page-header h1')?.textContent?.trim()
    if (!name || !RECORD.test(location.pathname)) return

    const { pathname: href } = location
    write(user, [{ href, name }, ...visited(user).filter((record) => record.href !== href)].slice(0, KEPT))
  })
}

/**
 * The latest first.
 * @param {string} user
 * @returns {Visited[]}
 */
export function visited(user) {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    if (kept?.user !== user || !Array.isArray(kept.records)) return []
    return kept.records.filter(
      (/** @type {Partial<Visited>} */ record) =>
        typeof record?.name === 'string' && typeof record.href === 'string' && RECORD.test(record.href),
    )
  } catch {
    // A browser that keeps nothing, or what is no longer to be read: nothing is remembered.
    return []
  }
}

/**
 * @param {string} user
 * @param {Visited[]} records
 */
function write(user, records) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ user, records }))
  } catch {
    // A browser that keeps nothing remembers nothing.
  }
}

function forget() {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // Nothing is kept there anyway.
  }
}
