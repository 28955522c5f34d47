// @ts-check
import { Controller } from '@hotwired/stimulus'

const KEY = 'dealwright.shortcuts'
/** Milliseconds between the keys of one shortcut. */
const PATIENCE = 1_500
const ROWS = 'main .table tbody tr, main .list > li'

/** Whether single keys do something: some people's voices or hands press them without meaning to, and turn them off. */
export function shortcutsAreOn() {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    // A browser that keeps nothing cannot have been told otherwise.
    return true
  }
}

/** Keys follow the link, or press the button, whose `data-shortcut` they are: "c", or one after the other, "g l". */
export function followShortcuts() {
  let before = ''
  let until = 0

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (isSpokenFor(event.target) || !shortcutsAreOn()) return

    const keys = before !== '' && Date.now() < until ? `${before} ${event.key}` : event.key
    before = ''
    if (keys === 'j' || keys === 'k') {
      if (goToRow(keys === 'j' ? 1 : -1)) event.preventDefault()
      return
    }
    const meant = document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`)
    if (meant instanceof HTMLElement) {
      event.preventDefault()
      meant.click()
    } else if (document.querySelector(`[data-shortcut^="${CSS.escape(keys)} "]`)) {
      before = keys
      until = Date.now() + PATIENCE
    }
  })
}

/**
 * Where keys are typed, or have a meaning of their own.
 * @param {EventTarget | null} target
 */
function isSpokenFor(target) {
  if (document.querySelector('dialog[open]')) return true
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}

/**
 * The link of the row after, or before, the one that has the focus.
 * @param {1 | -1} step
 */
function goToRow(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.querySelector('a'))
  const here = rows.findIndex((row) => row.contains(document.activeElement))
  const link = rows[here === -1 && step === -1 ? rows.length - 1 : here + step]?.querySelector('a')
  link?.focus()
  return link !== undefined && link !== null
}

/** The switch on the page that lists them. */
export default class ShortcutsController extends Controller {
  /** @override */
  static targets = ['switch']

  /** @override */
  connect() {
    this.element.removeAttribute('hidden')
    this.box.checked = shortcutsAreOn()
  }

  turn() {
    try {
      localStorage.setItem(KEY, this.box.checked ? 'on' : 'off')
    } catch {
      // Kept by no browser that keeps nothing: the box goes on saying what holds.
      this.box.checked = shortcutsAreOn()
    }
  }

  get box() {
    return /** @type {HTMLInputElement} */ (this.targets.find('switch'))
  }
}
