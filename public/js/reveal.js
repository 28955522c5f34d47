// @ts-check
import { Controller } from '@hotwired/stimulus'

/** Brings the item that counts into sight in a row that is scrolled sideways; the page itself does not move. */
export default class RevealController extends Controller {
  /** @override */
  connect() {
    const item = this.element.querySelector('[aria-current]')
    if (!item) return

    const row = this.element.getBoundingClientRect()
    const place = item.getBoundingClientRect()
    this.element.scrollLeft += place.left + place.width / 2 - (row.left + row.width / 2)
  }
}
