// @ts-check
import { Controller } from '@hotwired/stimulus'
import { say } from 'js/announce.js'
import { askAndClose } from 'js/board-closing.js'
import { KeyboardCarrier } from 'js/board-keyboard.js'
import { besideOf, columnOf, isAt, placeOf, put, whereabouts } from 'js/board-places.js'
import { SIGNED_OUT, post } from 'js/board-requests.js'

/**
 * The pipeline: cards are carried by mouse, by finger and by keys, and what the server makes of it is shown. Who may not move them (no
 * `data-move`) gets only the next cards without leaving the page.
 * @extends {Controller<HTMLElement>}
 */
export default class BoardController extends Controller {
  /** @override */
  static targets = ['list']

  /** @type {Map<HTMLElement, { destroy(): void }>} */ #carriers = new Map()
  /** @type {KeyboardCarrier | null} */ #keyboard = null

  /** @override */
  connect() {
    if (!this.#url) return
    this.#keyboard = new KeyboardCarrier(this.element, this.#say, this.#dropped)
    document.addEventListener('turbo:before-cache', this.#undo)
  }

  /** @override */
  disconnect() {
    this.#undo()
    document.removeEventListener('turbo:before-cache', this.#undo)
    this.#keyboard?.end()
    this.#keyboard = null
  }

  /** What Turbo keeps for the way back has nothing in anybody's hand. */
  #undo = () => {
    this.#keyboard?.cancel()
    for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  }

  /** @param {HTMLElement} list */
  async listTargetConnected(list) {
    if (!this.#url) return
    // Only here, and only for those who carry cards.
    const { carryCards } = await import('js/board-drag.js')
    if (!list.isConnected || this.#carriers.has(list)) return
    this.#carriers.set(list, carryCards(list, this.element, this.#dropped))
    this.element.classList.add('is-live')
  }

  /** @param {HTMLElement} list */
  listTargetDisconnected(list) {
    this.#carriers.get(list)?.destroy()
    this.#carriers.delete(list)
  }

  get #url() {
    return this.element.dataset['move']
  }

  /** @param {Event} event */
  click(event) {
    if (
      !(event.target instanceof Element) ||
      (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey))
    )
      return
    const more = event.target.closest('.board-more[data-stage]')
    const end = event.target.closest('[data-end]')
    if (more instanceof HTMLAnchorElement) {
      event.preventDefault()
      void this.#more(more)
    } else if (end instanceof HTMLElement) {
      const card = end.closest('.board-card')
      event.preventDefault()
      if (card instanceof HTMLElement) void this.#close(card, placeOf(card), String(end.dataset['end']))
    }
  }

  /** @param {HTMLElement} card @param {import('js/board-places.js').Place} from */
  #dropped = (card, from) => {
    const { kind = '' } = columnOf(card).dataset
    if (isAt(card, from)) this.#say('stayed', whereabouts(card))
    else if (kind === 'open') void this.#move(card, from)
    else void this.#close(card, from, kind)
  }

  /** @param {HTMLElement} card @param {import('js/board-places.js').Place} from */
  async #move(card, from) {
    this.#say('dropped', whereabouts(card, columnOf(from.list)))
    const fields = {
      stage: columnOf(card).dataset['stage'] ?? '',
      version: card.dataset['version'] ?? '',
      ...besideOf(card),
    }
    setSaving(card, true)
    const answer = await post(this.#urlOf(card), { ...fields, ...this.#contextOf(from) })
    setSaving(card, false)
    this.#show(card, from, answer)
  }

  /** @param {HTMLElement} card @param {import('js/board-places.js').Place} from @param {string} end */
  async #close(card, from, end) {
    this.#say('closing', whereabouts(card))
    const focused = card.contains(document.activeElement)
    const answer = await askAndClose(card, end, this.#contextOf(from), (refused) => this.#wordsFor(card, refused))
    if (answer) {
      this.#show(card, from, answer)
      return
    }
    put(card, from)
    if (focused) focusCard(card)
    this.#say('cancelled', whereabouts(card))
  }

  /** @param {HTMLElement} card */
  #urlOf(card) {
    return String(this.#url).replace(':id', String(card.dataset['id']))
  }

  /** Whence, and on which view of the board. @param {import('js/board-places.js').Place} from @returns {Record<string, string>} */
  #contextOf({ list }) {
    return { from: columnOf(list).dataset['stage'] ?? '', returnTo: this.element.dataset['view'] ?? '' }
  }

  /**
   * @param {HTMLElement} card
   * @param {import('js/board-places.js').Place} from
   * @param {import('js/board-requests.js').Answer} answer
   */
  #show(card, from, answer) {
    const focused = card.contains(document.activeElement) || document.activeElement === document.body
    const { id } = card
    if (answer.ok) this.#renew(card, answer.moved)
    else this.#refuse(card, from, answer)
    const shown = document.getElementById(id)
    if (focused && shown) focusCard(shown)
  }

  /** @param {HTMLElement} card @param {import('js/board-requests.js').Moved} moved */
  #renew(card, { columns, card: html, notices }) {
    for (const { stage, header, cards, more } of columns) {
      const column = document.getElementById(`stage-${stage}`)
      if (!column) continue
      column.querySelector('header')?.replaceWith(elementOf(header))
      if (cards === undefined) continue
      card.remove()
      const list = column.querySelector('.board-list')
      if (list) list.innerHTML = cards
      column.querySelector('.board-more[data-stage]')?.remove()
      list?.parentElement?.insertAdjacentHTML('beforeend', more ?? '')
    }
    if (html !== null) card.replaceWith(elementOf(html))
    // Closed outside the period that is shown, or moved out of what the filters let through.
    else if (card.isConnected && columns.length > 0) card.remove()
    const shown = document.querySelector('.notices')
    shown?.replaceChildren(...elementOf(notices).children)
    // Over the board, which is not to jump under the pointer.
    shown?.classList.add('is-floating')
  }

  /**
   * @param {HTMLElement} card
   * @param {import('js/board-places.js').Place} from
   * @param {import('js/board-requests.js').Refused} answer
   */
  #refuse(card, from, answer) {
    put(card, from)
    card.classList.add('is-refused')
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    this.#complain(this.#wordsFor(card, answer))
  }

  /** @param {HTMLElement} card @param {import('js/board-requests.js').Refused} answer */
  #wordsFor(card, { status, title }) {
    const { name } = whereabouts(card)
    if (title !== '') return `${name}: ${title}`
    return this.#words(status === SIGNED_OUT ? 'signedOut' : 'offline', { name })
  }

  /** @param {string} words */
  #complain(words) {
    const template = document.getElementById('board-problem')
    const notices = document.querySelector('.notices')
    if (!(template instanceof HTMLTemplateElement) || !notices) return
    const notice = /** @type {DocumentFragment} */ (template.content.cloneNode(true))
    const text = notice.querySelector('.notice-text span')
    if (text) text.textContent = words
    // A status of its own: it is said as it appears.
    notices.replaceChildren(notice)
  }

  /** @param {HTMLAnchorElement} link */
  async #more(link) {
    if (link.ariaBusy === 'true') return
    link.ariaBusy = 'true'
    const column = columnOf(link)
    const list = /** @type {HTMLElement} */ (column.querySelector('.board-list'))
    try {
      const response = await fetch(link.href, { headers: { Accept: 'application/json' } })
      if (!response.ok || response.redirected) throw new Error(`${response.status}`)
      /** @type {{ cards: string, more: string }} */
      const { cards, more } = await response.json()
      const found = document.createElement('template')
      found.innerHTML = cards
      // One that was put further down meanwhile is there already.
      const fresh = [...found.content.children].filter(({ id }) => !document.getElementById(id))
      list.append(...fresh)
      const focused = document.activeElement === link
      link.insertAdjacentHTML('afterend', more)
      link.remove()
      const [first] = fresh
      if (focused && first instanceof HTMLElement) focusCard(first)
      const { total, column: name } = whereabouts(/** @type {HTMLElement} */ (list.firstElementChild))
      this.#say('shown', { column: name, place: list.children.length, total })
    } catch {
      // By the long way round, which also tells what is wrong.
      window.location.assign(link.href)
    }
  }

  /** @param {string} key @param {Record<string, string | number>} values */
  #say = (key, values) => say(this.#words(key, values))

  /** @param {string} key @param {Record<string, string | number>} values @returns {string} */
  #words(key, values) {
    const words = String(JSON.parse(this.element.dataset['said'] ?? '{}')[key] ?? '')
    return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
  }
}

/** @param {HTMLElement} card @param {boolean} saving */
function setSaving(card, saving) {
  card.classList.toggle('is-saving', saving)
  if (saving) card.classList.remove('is-refused')
}

/** @param {HTMLElement} card */
function focusCard(card) {
  const name = card.querySelector('.board-card-name')
  if (name instanceof HTMLElement) name.focus({ preventScroll: true })
}

/** @param {string} html @returns {Element} */
function elementOf(html) {
  const template = document.createElement('template')
  template.innerHTML = html.trim()
  return /** @type {Element} */ (template.content.firstElementChild)
}
