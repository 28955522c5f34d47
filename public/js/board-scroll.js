// @ts-check

const EDGE = 56
const SPEED = 16

/**
 * While a card is carried, what it is held to the edge of scrolls: the column, the board sideways, the page. In either writing direction, so
 * a place to scroll to is asked for by trying.
 * @param {HTMLElement} board
 * @returns {() => void} ends it
 */
export function scrollAtEdges(board) {
  let [x, y] = [-1, -1]
  let running = true
  const track = (/** @type {Event} */ event) => {
    const point = event instanceof PointerEvent ? event : event instanceof TouchEvent ? event.touches[0] : undefined
    if (point) [x, y] = [point.clientX, point.clientY]
  }
  const step = () => {
    if (!running) return
    if (x >= 0) scroll()
    requestAnimationFrame(step)
  }
  const scroll = () => {
    const frame = board.getBoundingClientRect()
    const sideways = pull(x, Math.max(frame.left, 0), Math.min(frame.right, document.documentElement.clientWidth))
    if (sideways !== 0) board.scrollLeft += sideways

    const upright = pull(y, Math.max(frame.top, 0), Math.min(frame.bottom, window.innerHeight))
    if (upright === 0) return
    const column = columnAt(board, x)
    const before = column?.scrollTop
    if (column) column.scrollTop += upright
    if (!column || column.scrollTop === before) window.scrollBy(0, upright)
  }
  for (const name of ['pointermove', 'touchmove']) document.addEventListener(name, track, { passive: true })
  requestAnimationFrame(step)
  return () => {
    running = false
    for (const name of ['pointermove', 'touchmove']) document.removeEventListener(name, track)
  }
}

/**
 * How far to scroll: the nearer to an edge, the further.
 * @param {number} at @param {number} start @param {number} end
 */
function pull(at, start, end) {
  const edge = Math.min(EDGE, (end - start) / 4)
  if (at < start + edge) return -Math.ceil(SPEED * Math.min(1, (start + edge - at) / edge))
  if (at > end - edge) return Math.ceil(SPEED * Math.min(1, (at - end + edge) / edge))
  return 0
}

/** @param {HTMLElement} board @param {number} x */
function columnAt(board, x) {
  for (const cards of board.querySelectorAll('.board-cards')) {
    const { left, right } = cards.getBoundingClientRect()
    if (left <= x && x <= right) return cards
  }
  return null
}
