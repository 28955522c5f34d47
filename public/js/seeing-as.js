// @ts-check
import { Controller } from '@hotwired/stimulus'

/**
 * Whoever looks with somebody else's rights sees what the other could press, and that it cannot be pressed now: every attempt would be refused.
 * @extends {Controller<HTMLElement>}
 */
export default class SeeingAsController extends Controller {
  /** @override */
  connect() {
    this.disable()
  }

  /** @override */
  disconnect() {
    this.enable()
  }

  disable() {
    for (const button of this.#buttons('enabled')) {
      button.disabled = true
      button.title = this.element.dataset['seeingAsWhy'] ?? ''
      button.dataset['seeingAs'] = 'disabled'
    }
  }

  /** Before the page is kept: it may be shown again to the administrator as such. */
  enable() {
    for (const button of this.#buttons('disabled')) {
      if (!('seeingAs' in button.dataset)) continue
      button.disabled = false
      button.removeAttribute('title')
      delete button.dataset['seeingAs']
    }
  }

  /** @param {'enabled' | 'disabled'} state */
  #buttons(state) {
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (
      this.element.querySelectorAll(`form[method="post"] button:not([type="button"]):${state}`)
    )
    return [...buttons]
  }
}
