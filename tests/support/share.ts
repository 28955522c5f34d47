/**
 * All cases of a long table, of which each asks the product some hundred times. Where the tests are run once more, on another PostgreSQL or Node
 * (`bin/test --again`), one in four: such a table says of our rules what it said already.
 */
export function share<Case>(cases: readonly Case[]): Case[] {
  return process.env.AGAIN ? cases.filter((_, place) => place % 4 === 0) : [...cases]
}
