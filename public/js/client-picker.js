// @ts-check
import { Controller } from '@hotwired/stimulus'

const PAUSE_MS = 200

/**
 * One field to look for a client and choose it, in place of a search with a button and a select that shows what it found: a combobox with a
 * list, as the ARIA Authoring Practices describe it. The select stays, out of sight, and says what is chosen.
 * @extends {Controller<HTMLElement>}
 */
export default class ClientPickerController extends Controller {
  /** @override */
  static targets = ['search', 'template']

  // Placeholders until the page's own are found.
  #select = document.createElement('select')
  #input = document.createElement('input')
  /** @type {HTMLElement} */ #list = document.createElement('ul')
  /** @type {HTMLElement} */ #status = document.createElement('p')
  /** @type {HTMLElement | null} */ #box = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause
  /** @type {AbortController | undefined} */ #asking

  /** @override */
  connect() {
    const template = this.targets.find('template')
    const select = this.element.querySelector('select')
    if (!(template instanceof HTMLTemplateElement) || !select) return

    this.#box = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild)
    this.#select = select
    this.#input = /** @type {HTMLInputElement} */ (this.#box.querySelector('input'))
    this.#list = /** @type {HTMLElement} */ (this.#box.querySelector('ul'))
    this.#status = /** @type {HTMLElement} */ (this.#box.querySelector('[role=status]'))
    // The label, and what is said of mistakes, speak of the field by this id.
    this.#input.id = select.id
    select.id = `${select.id}-chosen`
    for (const name of ['aria-describedby', 'aria-invalid', 'required']) {
      const value = select.getAttribute(name)
      if (value !== null) this.#input.setAttribute(name, value)
    }
    select.hidden = true
    this.targets.find('search')?.setAttribute('hidden', '')
    select.after(this.#box)
    this.#restore()
    this.#input.addEventListener('input', this.#typed)
    this.#input.addEventListener('keydown', this.#pressed)
    this.#input.addEventListener('click', this.#open)
    this.#input.addEventListener('blur', this.#left)
    // On pressing, before the field loses the focus.
    this.#list.addEventListener('mousedown', this.#pointed)
    document.addEventListener('turbo:before-cache', this.#undo)
  }

  /** @override */
  disconnect() {
    this.#undo()
  }

  /** The page as it came: what Turbo keeps for the way back begins anew. */
  #undo = () => {
    document.removeEventListener('turbo:before-cache', this.#undo)
    clearTimeout(this.#pause)
    this.#asking?.abort()
    if (!this.#box) return

    this.#select.id = this.#input.id
    this.#select.hidden = false
    this.targets.find('search')?.removeAttribute('hidden')
    this.#box.remove()
    this.#box = null
  }

  #typed = () => {
    clearTimeout(this.#pause)
    if (this.#input.value.trim() === '') {
      this.#choose('', '')
      this.#close()
      return
    }
    this.#pause = setTimeout(() => this.#ask(this.#input.value), PAUSE_MS)
  }

  #open = () => {
    if (!this.#isOpen) void this.#ask('')
  }

  get #isOpen() {
    return !this.#list.hidden
  }

  /** @param {KeyboardEvent} event */
  #pressed = (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (this.#isOpen) this.#step(event.key === 'ArrowDown' ? 1 : -1)
      else void this.#ask('')
    } else if (event.key === 'Enter' && this.#isOpen) {
      // The form is not sent while a list hangs open.
      event.preventDefault()
      this.#take(this.#active)
    } else if (event.key === 'Escape' && this.#isOpen) {
      event.preventDefault()
      this.#close()
      this.#restore()
    }
  }

  /** @param {MouseEvent} event */
  #pointed = (event) => {
    event.preventDefault()
    const option = event.target instanceof Element ? event.target.closest('[role=option]') : null
    if (option instanceof HTMLElement) this.#take(option)
  }

  #left = () => {
    this.#close()
    // What was typed and not chosen is no choice.
    this.#restore()
  }

  /** @param {string} q */
  async #ask(q) {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    try {
      const url = `${String(this.data.get('url-value'))}?${new URLSearchParams({ q }).toString()}`
      const answer = await fetch(url, { headers: { Accept: 'application/json' }, signal: asking.signal })
      if (!answer.ok || !answer.headers.get('Content-Type')?.includes('json')) throw new Error(`${answer.status}`)
      /** @type {{ options: { value: number, label: string }[], said: string }} */
      const { options, said } = await answer.json()
      if (document.activeElement === this.#input) this.#show(options, said)
    } catch {
      // One that was given up for a newer one has nothing to say.
      if (asking.signal.aborted) return
      this.#close()
      this.#status.textContent = String(this.data.get('failed-value'))
    }
  }

  /**
   * @param {{ value: number, label: string }[]} options
   * @param {string} said
   */
  #show(options, said) {
    this.#list.replaceChildren(
      ...options.map(({ value, label }, index) => {
        const item = document.createElement('li')
        item.id = `${this.#list.id}-${index}`
        item.className = 'picker-option'
        item.setAttribute('role', 'option')
        item.setAttribute('aria-selected', String(String(value) === this.#select.value))
        item.dataset['value'] = String(value)
        item.dir = 'auto'
        item.textContent = label
        return item
      }),
    )
    this.#activate(null)
    this.#list.hidden = options.length === 0
    this.#input.setAttribute('aria-expanded', String(this.#isOpen))
    this.#status.textContent = said
  }

  #close() {
    clearTimeout(this.#pause)
    this.#asking?.abort()
    this.#list.hidden = true
    this.#activate(null)
    this.#input.setAttribute('aria-expanded', 'false')
  }

  get #active() {
    return /** @type {HTMLElement | null} */ (this.#list.querySelector('.is-active'))
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    const items = /** @type {HTMLElement[]} */ ([...this.#list.children])
    const active = this.#active
    const from = active ? items.indexOf(active) : direction === 1 ? -1 : 0
    this.#activate(items.at((from + direction) % items.length) ?? null)
  }

  /** @param {HTMLElement | null} item */
  #activate(item) {
    this.#active?.classList.remove('is-active')
    item?.classList.add('is-active')
    item?.scrollIntoView({ block: 'nearest' })
    if (item) this.#input.setAttribute('aria-activedescendant', item.id)
    else this.#input.removeAttribute('aria-activedescendant')
  }

  /** @param {HTMLElement | null} item */
  #take(item) {
    if (item) this.#choose(item.dataset['value'] ?? '', item.textContent ?? '')
    this.#close()
    this.#restore()
  }

  /**
   * @param {string} value
   * @param {string} label
   */
  #choose(value, label) {
    if (value === this.#select.value) return
    const known = [...this.#select.options].some((option) => option.value === value)
    if (!known) this.#select.add(new Option(label, value))
    this.#select.value = value
    this.#select.dispatchEvent(new Event('change', { bubbles: true }))
  }

  /** The field shows what is chosen. */
  #restore() {
    this.#input.value = this.#select.value === '' ? '' : (this.#select.selectedOptions[0]?.text ?? '')
  }
}
