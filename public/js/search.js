// @ts-check
import { Controller } from '@hotwired/stimulus'
import { visited } from 'js/search-recent.js'
import { shortcutsAreOn } from 'js/shortcuts.js'

const PAUSE_MS = 150

/**
 * The search in the header: a combobox, as the ARIA Authoring Practices describe it, that offers what is found while one types, and before that what
 * was opened lately and where one can go. Where there is no room for the field it opens as a sheet over the page. Without this it is a form.
 * @extends {Controller<HTMLFormElement>}
 */
export default class SearchController extends Controller {
  // Placeholders until the page's own are found.
  #input = document.createElement('input')
  /** @type {HTMLElement} */ #panel = document.createElement('div')
  /** @type {HTMLElement} */ #list = document.createElement('div')
  /** @type {HTMLElement} */ #message = document.createElement('p')
  /** @type {HTMLElement} */ #status = document.createElement('p')
  /** What had the focus when the keyboard called the search. @type {HTMLElement | null} */ #before = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause
  /** @type {AbortController | undefined} */ #asking

  /** @override */
  connect() {
    const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (this.element.querySelector(selector))
    this.#input = /** @type {HTMLInputElement} */ (part('input'))
    this.#panel = part('.search-panel')
    this.#list = part('[role=listbox]')
    this.#message = part('.search-message')
    this.#status = part('[role=status]')
    this.#input.setAttribute('role', 'combobox')
    this.#input.setAttribute('aria-autocomplete', 'list')
    this.#input.setAttribute('aria-expanded', 'false')
    this.#input.setAttribute('aria-controls', this.#list.id)
    this.#input.addEventListener('input', this.#typed)
    this.#input.addEventListener('keydown', this.#pressed)
    this.#input.addEventListener('focus', this.#focused)
    this.#input.addEventListener('click', this.#focused)
  }

  /** @override */
  disconnect() {
    this.undo()
    this.#input.removeEventListener('input', this.#typed)
    this.#input.removeEventListener('keydown', this.#pressed)
    this.#input.removeEventListener('focus', this.#focused)
    this.#input.removeEventListener('click', this.#focused)
  }

  /** "/" and Ctrl+K or Cmd+K, from wherever nobody is typing. @param {KeyboardEvent} event */
  shortcut(event) {
    const { target, key, ctrlKey, metaKey, altKey } = event
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return
    const isTyping =
      target instanceof Element &&
      target.closest('input, textarea, select, [contenteditable]:not([contenteditable=false])')
    const called =
      (key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey) ||
      (key === '/' && shortcutsAreOn() && !ctrlKey && !metaKey && !altKey && !isTyping)
    if (!called) return

    event.preventDefault()
    if (!this.#isOpen && document.activeElement instanceof HTMLElement) this.#before = document.activeElement
    this.#show()
    this.#input.select()
  }

  /** @param {Event} event */
  open(event) {
    event.preventDefault()
    this.#before = event.currentTarget instanceof HTMLElement ? event.currentTarget : null
    this.#show()
  }

  close() {
    this.undo()
    const back = this.#before?.isConnected ? this.#before : null
    this.#before = null
    if (back && back !== document.body) back.focus()
    else this.#input.blur()
  }

  /** A click or the focus elsewhere. @param {Event} event */
  leave({ target }) {
    if (!this.#isOpen || !(target instanceof Node) || this.element.contains(target)) return
    this.#before = null
    this.undo()
  }

  /** As it came: what Turbo keeps for the way back has nothing hanging open. */
  undo() {
    clearTimeout(this.#pause)
    this.#asking?.abort()
    this.#panel.hidden = true
    this.element.classList.remove('is-open')
    this.#list.replaceChildren()
    this.#status.textContent = ''
    this.#activate(null)
    this.#input.setAttribute('aria-expanded', 'false')
  }

  get #isOpen() {
    return !this.#panel.hidden
  }

  /** @returns {HTMLElement[]} */
  get #options() {
    return [...this.#list.querySelectorAll('[role=option]')].filter((option) => option instanceof HTMLElement)
  }

  get #active() {
    return /** @type {HTMLElement | null} */ (this.#list.querySelector('.is-active'))
  }

  #show() {
    this.#panel.hidden = false
    this.element.classList.add('is-open')
    this.#input.focus()
    this.#look()
  }

  #focused = () => {
    if (this.#isOpen) return
    this.#panel.hidden = false
    this.element.classList.add('is-open')
    this.#look()
  }

  #typed = () => {
    clearTimeout(this.#pause)
    this.#activate(null)
    if (!this.#isOpen) this.#focused()
    else this.#pause = setTimeout(() => this.#look(), PAUSE_MS)
  }

  /** @param {KeyboardEvent} event */
  #pressed = (event) => {
    if (event.isComposing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (this.#isOpen) this.#step(event.key === 'ArrowDown' ? 1 : -1)
      else this.#show()
    } else if (event.key === 'Enter') {
      const active = this.#active
      if (!active) return
      event.preventDefault()
      active.click()
    } else if (event.key === 'Escape' && this.#isOpen) {
      event.preventDefault()
      event.stopPropagation()
      this.close()
    }
  }

  #look() {
    const q = this.#input.value.trim()
    if (q === '') this.#start()
    else void this.#ask(q)
  }

  /** Before anything is typed. */
  #start() {
    this.#asking?.abort()
    const template = this.element.querySelector('template')
    if (!template) return
    const start = document.importNode(template.content, true)
    const recent = start.querySelector('[data-recent]')
    const models = new Map([...(recent?.querySelectorAll('a') ?? [])].map((link) => [link.getAttribute('href'), link]))
    for (const model of models.values()) model.remove()
    const records = visited(String(this.data.get('user-value'))).filter(({ href }) => href !== location.pathname)
    for (const { href, name } of records) {
      const link = models.get(href.replace(/\/\d+$/, ''))?.cloneNode(true)
      if (!(link instanceof HTMLElement)) continue
      link.setAttribute('href', href)
      const words = link.querySelector('.search-hit')
      if (words) words.textContent = name
      recent?.append(link)
    }
    if (records.length === 0) recent?.remove()
    this.#offer([...start.children], '', '')
  }

  /** @param {string} q */
  async #ask(q) {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    try {
      const url = `${String(this.data.get('url-value'))}?${new URLSearchParams({ q }).toString()}`
      const answer = await fetch(url, { headers: { Accept: 'text/html' }, signal: asking.signal })
      // Whose session has ended is led to the sign-in page.
      if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`)
      const template = document.createElement('template')
      template.innerHTML = await answer.text()
      if (asking.signal.aborted) return
      const found = template.content.querySelector('.search-answer')
      const said = found?.getAttribute('data-said') ?? ''
      const groups = [...(found?.children ?? [])]
      this.#offer(groups, groups.length > 0 ? (found?.getAttribute('data-near') ?? '') : said, said)
    } catch {
      // One that was given up for a newer one has nothing to say.
      if (asking.signal.aborted) return
      const failed = String(this.data.get('failed-value'))
      this.#offer([], failed, failed)
    }
  }

  /**
   * @param {Element[]} groups
   * @param {string} message
   * @param {string} said
   */
  #offer(groups, message, said) {
    this.#list.replaceChildren(...groups)
    this.#list.hidden = groups.length === 0
    this.#list.scrollTop = 0
    this.#options.forEach((option, index) => (option.id = `${this.#list.id}-${index}`))
    this.#message.textContent = message
    this.#message.hidden = message === ''
    this.#status.textContent = said
    this.#activate(null)
    this.#input.setAttribute('aria-expanded', String(this.#isOpen && groups.length > 0))
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    const options = this.#options
    const active = this.#active
    const from = active ? options.indexOf(active) : direction === 1 ? -1 : 0
    this.#activate(options.at((from + direction) % options.length) ?? null)
  }

  /** @param {HTMLElement | null} option */
  #activate(option) {
    const active = this.#active
    active?.classList.remove('is-active')
    active?.setAttribute('aria-selected', 'false')
    option?.classList.add('is-active')
    option?.setAttribute('aria-selected', 'true')
    option?.scrollIntoView({ block: 'nearest' })
    if (option) this.#input.setAttribute('aria-activedescendant', option.id)
    else this.#input.removeAttribute('aria-activedescendant')
  }
}
