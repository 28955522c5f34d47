// @ts-check
import { Controller } from '@hotwired/stimulus'

/**
 * Shows the contacts of the client just chosen (nobody of a new one), as the button beside them does for those without scripts. It asks beside
 * the form, which can be sent meanwhile; of two answers the later question's counts.
 * @extends {Controller<HTMLFormElement>}
 */
export default class ContactsOfClientController extends Controller {
  /** @override */
  static targets = ['button']

  /** @type {AbortController | undefined} */ #asking

  /** @override */
  connect() {
    this.element.addEventListener('change', this.#changed)
  }

  /** @override */
  disconnect() {
    this.#asking?.abort()
    this.element.removeEventListener('change', this.#changed)
  }

  /** @param {HTMLButtonElement} button */
  buttonTargetConnected(button) {
    button.hidden = true
  }

  #changed = (/** @type {Event} */ { target }) => {
    const isSelect = target instanceof HTMLSelectElement && target.name === 'clientId'
    const isChoice = target instanceof HTMLInputElement && target.name === 'client'
    if (isSelect || isChoice) void this.#refresh()
  }

  async #refresh() {
    const button = this.targets.find('button')
    const frame = button?.closest('turbo-frame')
    if (!(button instanceof HTMLButtonElement) || !frame) return

    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    frame.setAttribute('busy', '')
    try {
      const fresh = await this.#ask(button, frame.id, asking.signal)
      if (asking.signal.aborted) return
      const focused = frame.contains(document.activeElement) ? document.activeElement?.id : ''
      frame.replaceChildren(...fresh.childNodes)
      if (focused) document.getElementById(focused)?.focus()
    } catch {
      // Given up for a newer one, or not to be had just now: then the button is there to be pressed.
      if (!asking.signal.aborted) button.hidden = false
    } finally {
      if (this.#asking === asking) frame.removeAttribute('busy')
    }
  }

  /**
   * What the form would come back with, were the button pressed.
   * @param {HTMLButtonElement} button
   * @param {string} frameId
   * @param {AbortSignal} signal
   */
  async #ask(button, frameId, signal) {
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(this.element)) body.append(name, String(value))
    body.set(button.name, button.value)
    const answer = await fetch(this.element.action, { method: 'POST', body, signal, headers: { Accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.getElementById(frameId)
    if (!fresh) throw new Error(`${answer.status}`)
    return fresh
  }
}
