import type { TranslationKey } from '../../platform/i18n.ts'

interface Shortcut {
  /** As `data-shortcut` names them, one after the other. */
  keys: readonly string[]
  label: TranslationKey
}

/** What keys do, as the page about them tells it. Those that go somewhere belong to links of the navigation, and come from there. */
export const SHORTCUTS: Readonly<Record<'page' | 'list' | 'board', readonly Shortcut[]>> = {
  page: [
    { keys: ['/'], label: 'help.shortcuts.search' },
    { keys: ['Ctrl', 'K'], label: 'help.shortcuts.search' },
    { keys: ['c'], label: 'help.shortcuts.create' },
    { keys: ['e'], label: 'help.shortcuts.edit' },
    { keys: ['?'], label: 'help.shortcuts.help' },
  ],
  list: [
    { keys: ['j'], label: 'help.shortcuts.nextRow' },
    { keys: ['k'], label: 'help.shortcuts.previousRow' },
    { keys: ['Enter'], label: 'help.shortcuts.open' },
    { keys: ['n'], label: 'help.shortcuts.nextPage' },
    { keys: ['p'], label: 'help.shortcuts.previousPage' },
  ],
  board: [
    { keys: ['Space'], label: 'help.shortcuts.pickUp' },
    { keys: ['←', '→'], label: 'help.shortcuts.column' },
    { keys: ['↑', '↓'], label: 'help.shortcuts.place' },
    { keys: ['Escape'], label: 'help.shortcuts.cancel' },
  ],
}
