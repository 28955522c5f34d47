// @ts-check
import { Controller } from '@hotwired/stimulus'

/** A button that copies what a field shows, and says so. Without JavaScript the field is there to be copied from. */
export default class CopyController extends Controller {
  /** @override */
  static targets = ['source', 'button', 'status']

  /** @param {HTMLElement} button */
  buttonTargetConnected(button) {
    button.hidden = false
  }

  async copy() {
    const source = this.targets.find('source')
    const status = this.targets.find('status')
    if (!(source instanceof HTMLInputElement) || !status) return
    source.select()
    try {
      await navigator.clipboard.writeText(source.value)
    } catch {
      // No clipboard without https, or not allowed: what is selected is one key press away.
      return
    }
    status.textContent = this.data.get('done')
  }
}
