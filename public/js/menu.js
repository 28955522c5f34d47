// @ts-check
import { Controller } from '@hotwired/stimulus'

/**
 * A <details> that closes like a menu: by Escape, by a click elsewhere, when the focus leaves it.
 * @extends {Controller<HTMLDetailsElement>}
 */
export default class MenuController extends Controller {
  /** By Escape: the focus goes back to what opened it. */
  close() {
    if (!this.element.open) return

    this.element.open = false
    this.element.querySelector('summary')?.focus()
  }

  /** @param {Event} event */
  closeOutside({ target }) {
    if (target instanceof Node && !this.element.contains(target)) this.element.open = false
  }

  /** Turbo keeps a copy of the page for the way back; in it nothing hangs open. */
  shut() {
    this.element.open = false
  }
}
