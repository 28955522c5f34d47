// @ts-check

/**
 * A form that comes back may be morphed into the page that is there, and Turbo then leaves place and focus alone: right for
 * a filter, but here what is wrong comes first. (A page that is swapped gets its autofocus from Turbo.)
 */
export function focusReturnedForms() {
  document.addEventListener('turbo:render', (event) => {
    if (!(event instanceof CustomEvent) || event.detail.renderMethod !== 'morph') return
    const errors = document.querySelector('.form-errors')
    if (errors instanceof HTMLElement) errors.focus()
  })
}
