// @ts-check
import { Controller } from '@hotwired/stimulus'

/**
 * A form is sent once, however often its button is pressed. Sits on <body>, for all forms. A form that Turbo sends is locked
 * when Turbo starts, for it may ask first and be told no; any other when its submit event has passed the whole page.
 */
export default class SubmitOnceController extends Controller {
  /** @param {Event} event */
  stopSecond(event) {
    if (event.target instanceof HTMLFormElement && event.target.ariaBusy === 'true') event.preventDefault()
  }

  /** @param {Event} event */
  lock(event) {
    if (!event.defaultPrevented && event.target instanceof HTMLFormElement) setBusy(event.target, true)
  }

  /** @param {Event} event */
  release({ target }) {
    if (target instanceof HTMLFormElement) setBusy(target, false)
  }

  releaseAll() {
    for (const form of document.forms) setBusy(form, false)
  }
}

/**
 * Buttons are marked, not disabled: a disabled one would lose the focus, and its value would not be sent.
 * @param {HTMLFormElement} form
 * @param {boolean} busy
 */
function setBusy(form, busy) {
  for (const element of [form, ...form.querySelectorAll('button')]) element.ariaBusy = busy ? 'true' : null
}
