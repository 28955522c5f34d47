// @ts-check

/**
 * Where a card is: in which list, and before what.
 * @typedef {{ list: HTMLElement, next: Element | null }} Place
 */

/** @param {Element} element @returns {HTMLElement} */
export function columnOf(element) {
  return /** @type {HTMLElement} */ (element.closest('.board-column'))
}

/** @param {HTMLElement} card @returns {Place} */
export function placeOf(card) {
  return { list: /** @type {HTMLElement} */ (card.parentElement), next: nextCard(card) }
}

/** @param {HTMLElement} card @param {Place} place */
export function isAt(card, { list, next }) {
  return card.parentElement === list && nextCard(card) === next
}

/** What stood behind it may have moved on: then the card goes to the end. @param {HTMLElement} card @param {Place} place */
export function put(card, { list, next }) {
  const before = next?.parentElement === list ? next : null
  const scrolled = list.parentElement?.scrollTop ?? 0
  if (!isAt(card, { list, next: before })) list.insertBefore(card, before)
  if (list.parentElement) list.parentElement.scrollTop = scrolled
}

/** @param {Element} card */
export function nextCard(card) {
  return card.nextElementSibling
}

/**
 * What the server is told of a place: the card it is behind, or before if it is on top; nothing where it is the only one.
 * @param {HTMLElement} card
 * @returns {Record<string, string>}
 */
export function besideOf(card) {
  const [before, after] = [card.previousElementSibling, nextCard(card)]
  if (before instanceof HTMLElement) return { afterId: before.dataset['id'] ?? '' }
  return after instanceof HTMLElement ? { beforeId: after.dataset['id'] ?? '' } : {}
}

/**
 * For words: what the card and its column are called, and which of how many it is there. `from` is the column that counts it until it is
 * dropped.
 * @param {HTMLElement} card
 * @param {HTMLElement} [from]
 */
export function whereabouts(card, from = columnOf(card)) {
  const column = columnOf(card)
  const counted = Number(column.querySelector('header')?.dataset['count'] ?? 0)
  return {
    name: nameOf(card),
    column: column.querySelector('h2 bdi')?.textContent ?? '',
    place: [.../** @type {HTMLElement} */ (card.parentElement).children].indexOf(card) + 1,
    total: counted + (column === from ? 0 : 1),
  }
}

/** @param {HTMLElement} card */
export function nameOf(card) {
  return card.querySelector('.board-card-name')?.textContent ?? ''
}
