import { z } from 'zod'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import { RuleViolation } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { CalendarDate, Id } from '../../platform/validation.ts'
import { undo } from './commands/undoing.ts'
import { entriesOf } from './entries.ts'
import { ChangePage, presentEntry } from './json.ts'
import { findSubject, historyOfAll, historyOfRecord } from './queries.ts'
import { KINDS, placeIn, placeText } from './schema.ts'
import type { HistoryParams } from './schema.ts'
import { NOUNS } from './tables.ts'

const area = 'changes'

const Query = z.object({
  noun: z.enum(NOUNS).optional().meta({ description: 'Of one kind of records.' }),
  record: Id.optional().meta({ description: 'Of one record: the id of the `noun`.' }),
  who: z
    .string()
    .regex(/^(system|[1-9]\d{0,8})$/)
    .optional()
    .meta({ description: 'The id of a user, or `system`.' }),
  kind: z.enum(KINDS).optional(),
  from: CalendarDate.optional().meta({ format: 'date', description: 'By the calendar of whose token it is.' }),
  to: CalendarDate.optional().meta({ format: 'date', description: 'This day included.' }),
  cursor: z.string().max(2_000).optional().meta({ description: '`next` of the page before.' }),
})

async function found(scope: Scope, { noun, record, who, kind, from, to, cursor }: z.output<typeof Query>) {
  const before = cursor === undefined ? null : placeIn(cursor)
  if (cursor !== undefined && before === null) throw new RuleViolation('errors.cursor', 'cursor')
  const asked: Omit<HistoryParams, 'noun'> = {
    who: who ?? null,
    kind: kind ?? null,
    from: from ?? null,
    to: to ?? null,
    before,
  }
  if (record === undefined) return historyOfAll(scope, { ...asked, noun: noun ?? null })
  if (noun === undefined) throw new RuleViolation('errors.required', 'noun')
  await belonging('record', findSubject(scope, noun, record))
  return historyOfRecord(scope, { noun, id: record }, before, asked)
}

export const changeOperations: Operation[] = [
  operation({
    method: 'get',
    path: '/changes',
    id: 'listChanges',
    area,
    summary: 'List what was changed',
    description:
      'Who changed what, and when: of what this user sees, the newest first. What was done at once is one entry. Of a lead or a deal, its activities are told along. A page has 25 entries at most; it can have fewer, or none, and still have a `next`: the history was looked through up to there.',
    query: Query,
    answer: ChangePage,
    example: { query: { kind: 'created' } },
    run: async (scope, { query }) => {
      const page = await found(scope, query)
      return { data: (await entriesOf(scope, page.found)).map(presentEntry), next: page.older && placeText(page.older) }
    },
  }),
  operation({
    method: 'post',
    path: '/changes/{changeSet}/undo',
    id: 'undoChange',
    area,
    summary: 'Undo what was changed',
    description:
      'Everything that was done at once, or nothing: refused (409) where something newer stands on it, or when it was undone already. It is a change itself, and can be undone.',
    answer: z.object({ changeSet: z.uuid() }).meta({
      title: 'Undone',
      examples: [{ changeSet: '7c6f3f0e-2f67-4bb4-8e0f-5d3b8f6a1c11' }],
    }),
    refuses: [409],
    run: async (scope, { uuid }) => ({ changeSet: (await undo(scope, uuid)).changeSet }),
  }),
]
