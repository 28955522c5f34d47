/**
 * The rows of a table written as text: a line a row, its cells between bars, in the order of `columns`. Cells left out at the end are empty.
 * Throws for a row with more cells than there are columns.
 */
export function rowsOf<Column extends string>(columns: readonly Column[], table: string): Record<Column, string>[] {
  return table
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => rowOf(columns, line))
}

function rowOf<Column extends string>(columns: readonly Column[], line: string): Record<Column, string> {
  const cells = line.split('|').map((cell) => cell.trim())
  if (cells.length > columns.length) throw new Error(`too many cells: ${line.trim()}`)
  return Object.fromEntries(columns.map((column, place) => [column, cells[place] ?? ''])) as Record<Column, string>
}

/** "cold store, urgent" as a list; nothing at all as an empty one. */
export function listOf(cell: string): string[] {
  return cell.split(',').flatMap((item) => item.trim() || [])
}

/** What was at first and what it became, of "42000 > 48500"; the same twice where nothing changed. */
export function beforeAndAfter(cell: string): { before: string; after: string } {
  const [before = '', after = before] = cell.split('>').map((part) => part.trim())
  return { before, after }
}
