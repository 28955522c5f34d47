/** The first of what was found, and how much that is: exact up to a bound, beyond which `more` is true and nobody went on counting. */
export interface Bounded<Row> {
  rows: Row[]
  total: { count: number; more: boolean }
}

/** Each row says, as `total`, how many were found; the search for them ended one beyond `bound`. */
export function bounded<Row>(rows: (Row & { total: number })[], bound: number): Bounded<Row> {
  const found = rows[0]?.total ?? 0
  return { rows, total: { count: Math.min(found, bound), more: found > bound } }
}
