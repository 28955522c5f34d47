// @ts-check
import { Controller } from '@hotwired/stimulus'

/**
 * A filter applies as soon as it is chosen. `replace` lets Turbo morph the page, so the select keeps the focus for whoever
 * steps through its choices with the arrow keys.
 * @extends {Controller<HTMLFormElement>}
 */
export default class AutosubmitController extends Controller {
  /** @param {Event} event */
  choose(event) {
    if (!(event.target instanceof HTMLSelectElement)) return

    this.element.dataset['turboAction'] = 'replace'
    this.element.requestSubmit()
  }
}
