import { expect, test } from 'vitest'
import { longestBeginning } from '../../src/platform/beginning.ts'

const PLACES = new Set(['/', '/deals', '/deals/pipeline'])

test.each([
  ['/', '/'],
  ['/deals', '/deals'],
  ['/deals/12/edit', '/deals'],
  ['/deals/pipeline', '/deals/pipeline'],
  ['/deals/pipeline/1', '/deals/pipeline'],
  ['/dealsome', undefined],
  ['/leads', undefined],
  ['//leads', undefined],
  ['*', undefined],
  ['', undefined],
])('%s begins with %s', (path, beginning) => {
  expect(longestBeginning(path, (start) => PLACES.has(start))).toBe(beginning)
})
