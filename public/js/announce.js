// @ts-check

/**
 * A page that Turbo swaps in loads nothing, so a screen reader says nothing. The announcer outlives the swap and says
 * where one has arrived and what has just happened there.
 */
export function announceVisits() {
  let first = true

  document.addEventListener('turbo:load', () => {
    // A page that was really loaded is read out by the browser.
    if (first) {
      first = false
      return
    }
    const notices = [...document.querySelectorAll('.notice-text')].map(({ textContent }) => textContent?.trim())
    say([...notices, document.title].join('. '))
  })
}

/**
 * To whoever listens to the page rather than looking at it.
 * @param {string} words
 */
export function say(words) {
  const announcer = document.getElementById('announcer')
  if (announcer) announcer.textContent = words
}
