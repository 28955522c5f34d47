// @ts-check

/**
 * A link to a place on the same page is the browser's to follow: Turbo would fetch the page anew, and what had been typed in
 * its form would be gone.
 */
export function leaveLinksWithinPageAlone() {
  document.addEventListener('turbo:click', (event) => {
    if (event.target instanceof Element && event.target.getAttribute('href')?.startsWith('#')) event.preventDefault()
  })
}
