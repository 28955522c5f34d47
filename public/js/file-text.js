// @ts-check
import { Controller } from '@hotwired/stimulus'

/** A file instead of pasting what is in it: choosing one fills the text field, which is what is sent. */
export default class FileTextController extends Controller {
  /** @override */
  static targets = ['chooser', 'text']

  /** @param {HTMLElement} chooser */
  chooserTargetConnected(chooser) {
    chooser.hidden = false
  }

  /** @param {Event} event */
  async read({ target }) {
    const file = target instanceof HTMLInputElement ? target.files?.[0] : undefined
    const text = this.targets.find('text')
    if (file && text instanceof HTMLTextAreaElement) text.value = await file.text()
  }
}
