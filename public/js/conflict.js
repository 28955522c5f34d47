// @ts-check
import { Controller } from '@hotwired/stimulus'

/**
 * Of two versions the one chosen shows in the form below, where that can be; and whoever writes something else there has chosen their own. The
 * server goes by the choice, with or without this.
 * @extends {Controller<HTMLElement>}
 */
export default class ConflictController extends Controller {
  /** @override */
  static targets = ['side']

  /** @override */
  connect() {
    this.element.addEventListener('change', this.#chosen)
    this.#form?.addEventListener('input', this.#typed)
  }

  /** @override */
  disconnect() {
    this.element.removeEventListener('change', this.#chosen)
    this.#form?.removeEventListener('input', this.#typed)
  }

  get #form() {
    return this.element.closest('form')
  }

  #chosen = (/** @type {Event} */ { target }) => {
    if (!(target instanceof HTMLInputElement)) return
    for (const [name, value] of Object.entries(fieldsOf(target))) show(this.#form?.elements.namedItem(name), value)
  }

  #typed = (/** @type {Event} */ { target }) => {
    if (!(target instanceof Element) || this.element.contains(target)) return
    const name = target.getAttribute('name') ?? ''
    const own = this.targets
      .findAll('side')
      .find((side) => side instanceof HTMLInputElement && side.value === 'yours' && name in fieldsOf(side))
    if (own instanceof HTMLInputElement) own.checked = true
  }
}

/**
 * @param {HTMLInputElement} side
 * @returns {Record<string, string>}
 */
function fieldsOf({ dataset: { fields } }) {
  return JSON.parse(fields ?? '{}')
}

/**
 * What depends on other fields, and is fetched for them, is left to the server.
 * @param {Element | RadioNodeList | null | undefined} field
 * @param {string} value
 */
function show(field, value) {
  if (field instanceof RadioNodeList) field.value = value
  else if (field instanceof HTMLSelectElement && !field.closest('turbo-frame, [data-controller~="client-picker"]')) {
    if ([...field.options].some((option) => option.value === value)) field.value = value
  } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value
}
