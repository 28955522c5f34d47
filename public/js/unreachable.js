// @ts-check

/** A form that finds no server stays as it is, and the page says so where one is looking; without this nothing would seem to happen. */
export function tellOfUnreachableServer() {
  /** What has been told; Turbo throws it all the same. @type {WeakSet<object>} */
  const told = new WeakSet()

  document.addEventListener('turbo:fetch-request-error', (event) => {
    const template = document.getElementById('unreachable')
    const notices = document.querySelector('.notices')
    if (!(event instanceof CustomEvent) || !(event.target instanceof HTMLFormElement)) return
    if (!(template instanceof HTMLTemplateElement) || !notices) return
    // Nothing more is to be said of it, in the console either.
    event.preventDefault()
    told.add(event.detail.error)
    // A status of its own: it is said as it appears.
    notices.replaceChildren(template.content.cloneNode(true))
    notices.classList.add('is-floating')
  })
  window.addEventListener('unhandledrejection', (event) => {
    if (typeof event.reason === 'object' && event.reason !== null && told.has(event.reason)) event.preventDefault()
  })
}
