// @ts-check
import { Controller } from '@hotwired/stimulus'

/** A notice that can be put away; its button shows only where it works. */
export default class DismissController extends Controller {
  /** @override */
  static targets = ['button']

  /** @param {HTMLElement} button */
  buttonTargetConnected(button) {
    button.hidden = false
  }

  dismiss() {
    this.element.remove()
    // The focus was inside; it goes on from the content, not from the top of the page.
    document.getElementById('main')?.focus()
  }
}
