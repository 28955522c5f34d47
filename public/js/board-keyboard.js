// @ts-check
import { columnOf, isAt, placeOf, put, whereabouts } from 'js/board-places.js'

/**
 * A card carried by the keys: Space takes it and puts it down, the arrows move it as they point, Escape brings it back.
 */
export class KeyboardCarrier {
  /** @type {{ card: HTMLElement, from: import('js/board-places.js').Place, holder: HTMLElement } | null} */
  #held = null
  /** While it is moved in the page the focus is lost for an instant. */
  #moving = false

  /**
   * @param {HTMLElement} board
   * @param {(words: string, values: Record<string, string | number>) => void} say
   * @param {(card: HTMLElement, from: import('js/board-places.js').Place) => void} dropped
   */
  constructor(board, say, dropped) {
    this.board = board
    this.say = say
    this.dropped = dropped
    board.addEventListener('keydown', this.#pressed)
    board.addEventListener('focusout', this.#left)
  }

  end() {
    this.cancel()
    this.board.removeEventListener('keydown', this.#pressed)
    this.board.removeEventListener('focusout', this.#left)
  }

  /** @param {KeyboardEvent} event */
  #pressed = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return
    if (this.#held) {
      this.#carry(event)
      return
    }
    const card = takenBy(event.target)
    if (event.key !== ' ' || !card || card.classList.contains('is-saving')) return
    event.preventDefault()
    this.#take(card, event.target)
  }

  /** @param {HTMLElement} card @param {HTMLElement} holder */
  #take(card, holder) {
    this.#held = { card, from: placeOf(card), holder }
    card.classList.add('is-held')
    this.board.classList.add('is-carrying')
    this.say('pickedUp', whereabouts(card))
  }

  /** @param {KeyboardEvent} event */
  #carry(event) {
    const ways = /** @type {Record<string, () => boolean>} */ ({
      ' ': () => this.#drop(),
      Enter: () => this.#drop(),
      Escape: () => this.cancel(),
      ArrowUp: () => this.#along(-1),
      ArrowDown: () => this.#along(1),
      ArrowLeft: () => this.#across(-1),
      ArrowRight: () => this.#across(1),
    })
    const way = ways[event.key]
    if (!way) return
    event.preventDefault()
    way()
  }

  /** @param {1 | -1} step */
  #along(step) {
    const held = this.#held
    const { nextElementSibling: next, previousElementSibling: previous } = held?.card ?? {}
    const list = held?.card.parentElement
    if (!held || !list) return false
    // The order of a column of closed deals is that of their days.
    if (columnOf(held.card).dataset['kind'] !== 'open') return false
    if (step === 1 ? !next : !previous) return false
    return this.#move({ list, next: (step === 1 ? next?.nextElementSibling : previous) ?? null })
  }

  /** @param {1 | -1} step */
  #across(step) {
    const held = this.#held
    if (!held) return false
    const columns = [...this.board.querySelectorAll('.board-column')]
    const onwards = getComputedStyle(this.board).direction === 'rtl' ? -step : step
    const list = columns[columns.indexOf(columnOf(held.card)) + onwards]?.querySelector('.board-list')
    if (!(list instanceof HTMLElement)) return false
    // Beside the card that is at the same height, as far as one can see.
    const { top } = held.card.getBoundingClientRect()
    const isOpen = columnOf(list).dataset['kind'] === 'open'
    const next = isOpen
      ? [...list.children].find((card) => card.getBoundingClientRect().bottom > top)
      : list.firstElementChild
    return this.#move(list === held.from.list ? held.from : { list, next: next ?? null })
  }

  /** @param {import('js/board-places.js').Place} place */
  #move(place) {
    const held = this.#held
    if (!held) return false
    this.#put(place)
    this.say('moved', whereabouts(held.card, columnOf(held.from.list)))
    return true
  }

  /** @param {import('js/board-places.js').Place} place */
  #put(place) {
    if (!this.#held) return
    const { card, holder } = this.#held
    this.#moving = true
    put(card, place)
    holder.focus({ preventScroll: true })
    this.#moving = false
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  #drop() {
    const held = this.#held
    if (!held) return false
    this.#letGo()
    this.dropped(held.card, held.from)
    return true
  }

  /** Everything as it was before the card was taken. */
  cancel() {
    const held = this.#held
    if (!held) return false
    if (!isAt(held.card, held.from)) this.#put(held.from)
    this.#letGo()
    this.say('cancelled', whereabouts(held.card))
    return true
  }

  #letGo() {
    this.#held?.card.classList.remove('is-held')
    this.board.classList.remove('is-carrying')
    this.#held = null
  }

  #left = () => {
    // Whoever turns to something else has not dropped anything.
    if (this.#held && !this.#moving) this.cancel()
  }
}

/** The card that a key pressed here takes: not in its form, where keys are for the form. @param {HTMLElement} target */
function takenBy(target) {
  const card = target.closest('.board-card[data-id]')
  return card instanceof HTMLElement && (target === card || target.classList.contains('board-card-name')) ? card : null
}
