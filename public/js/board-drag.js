// @ts-check
import Sortable from 'sortablejs'
import { scrollAtEdges } from 'js/board-scroll.js'
import { columnOf, placeOf } from 'js/board-places.js'

/** How long a finger rests on a card before it takes it, so that the board can still be scrolled by swiping over it. */
const TOUCH_DELAY_MS = 220

/**
 * Lets the cards of a list be carried to any list of the board, by mouse and by finger.
 * @param {HTMLElement} list
 * @param {HTMLElement} board
 * @param {(card: HTMLElement, from: import('js/board-places.js').Place) => void} dropped
 */
export function carryCards(list, board, dropped) {
  const isOpen = columnOf(list).dataset['kind'] === 'open'
  /** @type {import('js/board-places.js').Place | undefined} */
  let from
  let stop = () => {}
  return Sortable.create(list, {
    group: { name: 'board', pull: isOpen, put: true },
    sort: isOpen,
    draggable: '.board-card',
    // A closed deal is reopened on its page; a card that is being saved waits.
    filter: isOpen ? '.board-card-move, .is-saving' : '.board-card',
    preventOnFilter: false,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 5,
    fallbackClass: 'is-carried',
    ghostClass: 'is-place',
    delay: TOUCH_DELAY_MS,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    emptyInsertThreshold: 24,
    animation: window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 140,
    // Its own scrolling knows no right-to-left.
    scroll: false,
    onStart: ({ item }) => {
      from = placeOf(item)
      // The copy under the pointer is not the card.
      Sortable.ghost?.removeAttribute('id')
      board.classList.add('is-carrying')
      stop = scrollAtEdges(board)
    },
    onEnd: ({ item }) => {
      stop()
      board.classList.remove('is-carrying')
      if (from) dropped(item, from)
    },
  })
}
