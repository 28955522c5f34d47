// @ts-check
import { Controller } from '@hotwired/stimulus'

const FIELDS = ['email', 'phone', 'companyName']
const PAUSE_MS = 400

/** Shows who might be the same while one types, as the lead's page does once it is saved. */
export default class LeadDuplicatesController extends Controller {
  /** @override */
  static targets = ['frame']

  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause

  /** @override */
  connect() {
    this.element.addEventListener('input', this.#typed)
  }

  /** @override */
  disconnect() {
    clearTimeout(this.#pause)
    this.element.removeEventListener('input', this.#typed)
  }

  #typed = (/** @type {Event} */ { target }) => {
    if (!(target instanceof HTMLInputElement) || !FIELDS.includes(target.name)) return
    clearTimeout(this.#pause)
    this.#pause = setTimeout(this.#look, PAUSE_MS)
  }

  #look = () => {
    const url = new URL(String(this.data.get('url-value')), location.href)
    for (const name of FIELDS) {
      const field = this.element.querySelector(`[name="${name}"]`)
      if (field instanceof HTMLInputElement && field.value.trim() !== '') url.searchParams.set(name, field.value.trim())
    }
    this.targets.find('frame')?.setAttribute('src', url.href)
  }
}
