import { z } from 'zod'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { RuleViolation } from '../../platform/errors.ts'
import { RequiredText } from '../../platform/validation.ts'
import { FoundJson, presentFound } from './json.ts'
import { RANKED, search } from './queries.ts'
import { readAsked } from './schema.ts'

export const searchOperations: Operation[] = [
  operation({
    method: 'get',
    path: '/search',
    id: 'search',
    area: 'search',
    summary: 'Search everything',
    description: `The best clients, contacts, leads, deals and communications that have all of the words, as far as this user sees them, at most ${RANKED} of each; in the order of the page. When nothing has them, what has words one slip of the finger away.`,
    query: z.object({
      q: RequiredText(200).meta({ description: 'The words to find; beginnings and parts of words are found, too.' }),
      limit: z
        .int()
        .min(1)
        .max(RANKED)
        .optional()
        .meta({ description: `How many of each kind at most; ${RANKED} unless given.` }),
    }),
    answer: FoundJson,
    example: { query: { q: 'acme', limit: 5 } },
    run: async (scope, { query: { q, limit } }) => {
      const asked = readAsked(q)
      if (!asked) throw new RuleViolation('errors.required', 'q')
      return presentFound(await search(scope, asked, limit ?? RANKED))
    },
  }),
]
