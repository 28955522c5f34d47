// @ts-check
import { Controller } from '@hotwired/stimulus'

/** Shows the contacts of the client just chosen, as the button beside them does for those without scripts. */
export default class ContactsOfClientController extends Controller {
  /** @override */
  static targets = ['button']

  /** @override */
  connect() {
    this.element.addEventListener('change', this.refresh)
  }

  /** @override */
  disconnect() {
    this.element.removeEventListener('change', this.refresh)
  }

  /** @param {HTMLButtonElement} button */
  buttonTargetConnected(button) {
    button.hidden = true
  }

  refresh = (/** @type {Event} */ { target }) => {
    if (!(target instanceof HTMLSelectElement) || target.name !== 'clientId') return
    const button = this.targets.find('button')
    if (button instanceof HTMLButtonElement) button.form?.requestSubmit(button)
  }
}
