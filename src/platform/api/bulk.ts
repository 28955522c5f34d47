import { setImmediate as othersTurn } from 'node:timers/promises'
import sql, { raw } from 'sql-template-tag'
import { z } from 'zod'
import type { Db } from '../database/database.ts'
import { answerTo } from '../http/errors.ts'
import type { Message } from '../i18n.ts'
import type { Scope } from '../scope.ts'
import { RequiredText } from '../validation.ts'
import { MOST_ENTRIES } from './bounds.ts'
import { knownAs, remember } from './external-ids.ts'
import { checked } from './input.ts'
import { operation } from './operation.ts'
import type { Operation } from './operation.ts'
import { errorsOf, InvalidInput, MOST_TOLD } from './problem.ts'

const MEGABYTES = 16 * 1024 * 1024
const External = z.object({ externalId: RequiredText(200).optional() })

const Verdict = z.object({
  verdict: z.enum(['created', 'updated', 'unchanged', 'refused']),
  id: z.int().min(1).nullable(),
  externalId: z.string().nullable(),
  detail: z.string().optional().meta({ description: 'Why it was refused.' }),
  errors: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .meta({ description: 'What is wrong, by field; `body` says that there is more.' }),
})
type VerdictJson = z.output<typeof Verdict>

const Count = z.int().min(0)
const BulkAnswer = z
  .object({
    created: Count,
    updated: Count,
    unchanged: Count,
    refused: Count,
    items: z.array(Verdict).meta({ description: 'In the order in which they were sent.' }),
  })
  .meta({ title: 'BulkAnswer' })

interface Bulk<Create extends z.ZodObject, Update extends z.ZodObject> {
  path: string
  id: string
  area: string
  summary: string
  /** The table of the records; their external ids are kept under its name. */
  table: string
  create: Create
  update: Update
  /** One item. */
  example: z.input<Create>
  createOne(scope: Scope, input: z.output<Create>): Promise<{ id: number }>
  /** The same for many, in their order, in fewer statements; all or none. */
  createMany?(scope: Scope, inputs: readonly z.output<Create>[]): Promise<{ id: number }[]>
  updateOne(scope: Scope, id: number, input: z.output<Update>): Promise<unknown>
}

/**
 * Up to a thousand records in one request and one transaction. An item whose `externalId` is known changes that record, any other makes one. Each
 * item goes through the command that a single request goes through, and fails alone; with `atomic` none is stored unless all can be.
 */
export function bulk<Create extends z.ZodObject, Update extends z.ZodObject>(
  declared: Bulk<Create, Update>,
): Operation {
  const { path, id, area, summary, table, example } = declared
  const item = `${id}Item`
  // Made once: zod compiles each schema that is new to it.
  const strict = { create: declared.create.strict(), update: declared.update.strict() }
  return operation({
    method: 'post',
    path,
    id,
    area,
    summary,
    description: `Up to ${MOST_ENTRIES} items. An item with an \`externalId\` that programs of this user have used before changes that record, and what is absent stays as it is; any other item creates one. Each item has a verdict of its own; with \`atomic\` the request is refused as a whole when one of them is.`,
    bodyLimit: MEGABYTES,
    body: z.object({
      atomic: z.boolean().optional().meta({ description: 'All or nothing.' }),
      items: z
        // Not as a record of zod's: each item is checked in its turn, and all of them at once would be walked and copied here.
        .array(
          z
            .unknown()
            .refine(isFields, { params: { key: 'api.errors.notAnObject' } })
            .meta({ $ref: `#/components/schemas/${item}` }),
        )
        .min(1)
        .max(MOST_ENTRIES),
    }),
    components: { [item]: declared.update.extend(External.shape).strict() },
    answer: BulkAnswer,
    example: { body: { items: [{ externalId: 'A-17', ...example }] } },
    run: async (scope, { body, say }) => {
      const { items } = body
      // One that is no name is refused with its item: the database would refuse all of them.
      const named = items.flatMap(({ externalId }) => External.safeParse({ externalId }).data?.externalId ?? [])
      const known = await knownAs(scope, table, named)
      const there = await versionsOf(scope.db, table, [...known.values()])
      // A name outlives its record.
      for (const [name, recordId] of known) if (!there.has(recordId)) known.delete(name)
      const { verdicts, made } = await storeAll(scope, { ...declared, strict }, items, known, say)
      if (body.atomic) refuseWhole(verdicts)
      await remember(scope, table, made)
      return summed(verdicts)
    },
  })
}

type Fields = Record<string, unknown>

function isFields(item: unknown): item is Fields {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}

interface Item {
  index: number
  externalId: string | null
  fields: unknown
}

/** An item that only its command can refuse now. `recordId` is the record that it changes; null: it makes one. */
interface Ready<Input> {
  item: Item
  recordId: number | null
  input: Input
}

const TOGETHER = 200

/**
 * Items of the same kind go together, in one savepoint, for as long as none is refused: of a run in which one is, each is tried alone. Their order is
 * kept, so that an item can change what one before it has made.
 */
async function storeAll<Create extends z.ZodObject, Update extends z.ZodObject>(
  scope: Scope,
  declared: Bulk<Create, Update> & { strict: { create: z.ZodType; update: z.ZodType } },
  given: readonly Fields[],
  known: Map<string, number>,
  say: (message: Message) => string,
): Promise<{ verdicts: VerdictJson[]; made: Map<string, number> }> {
  type Input = z.output<Create> | z.output<Update>
  const { strict } = declared
  const verdicts: VerdictJson[] = []
  const made = new Map<string, number>()
  let run: Ready<Input>[] = []
  let told = 0

  function refuse({ index, externalId }: Item, id: number | null, error: unknown): void {
    const { status, message } = answerTo(error)
    if (status >= 500) throw error
    const { errors } = errorsOf(error, say)
    const shown = errors && (told < MOST_TOLD ? errors : { body: [say({ key: 'api.errors.more' })] })
    told += Object.keys(errors ?? {}).length
    verdicts[index] = { verdict: 'refused', id, externalId, detail: say(message), ...(shown && { errors: shown }) }
  }

  function accept({ item: { index, externalId }, recordId }: Ready<Input>, { id, verdict }: Stored): void {
    verdicts[index] = { verdict, id, externalId }
    if (recordId !== null || externalId === null) return
    known.set(externalId, id)
    made.set(externalId, id)
  }

  async function flush(items: readonly Ready<Input>[]): Promise<void> {
    const [first] = items
    if (!first) return
    await scope.db.query(sql`SAVEPOINT run`)
    try {
      const stored = await storeRun(scope, declared, items)
      items.forEach((item, index) => accept(item, stored[index] as Stored))
    } catch (error) {
      await scope.db.query(sql`ROLLBACK TO SAVEPOINT run`)
      if (items.length === 1) refuse(first.item, first.recordId, error)
      else if (answerTo(error).status >= 500) throw error
      else for (const each of items) await flush([each])
    }
    await scope.db.query(sql`RELEASE SAVEPOINT run`)
  }

  async function flushRun(): Promise<void> {
    await flush(run)
    run = []
  }

  for (const [index, { externalId: name, ...fields }] of given.entries()) {
    // Where all are refused nothing is waited for, and others would wait for all of them.
    if (index % 50 === 49) await othersTurn()
    const item: Item = { index, externalId: null, fields }
    try {
      const { externalId = null } = checked(External, name === undefined ? {} : { externalId: name }) as z.output<
        typeof External
      >
      item.externalId = externalId
      if (externalId !== null && run.some(({ item }) => item.externalId === externalId)) await flushRun()
      const recordId = externalId === null ? null : (known.get(externalId) ?? null)
      const input = checked(recordId === null ? strict.create : strict.update, fields) as Input
      const isOtherKind = run[0] !== undefined && (run[0].recordId === null) !== (recordId === null)
      if (isOtherKind || run.length >= TOGETHER) await flushRun()
      run.push({ item, recordId, input })
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error
      refuse(item, null, error)
    }
  }
  await flushRun()
  return { verdicts, made }
}

interface Stored {
  id: number
  verdict: 'created' | 'updated' | 'unchanged'
}

/** By the commands. Of a run no two change the same record, and one that has the version it had was not changed. */
async function storeRun<Create extends z.ZodObject, Update extends z.ZodObject>(
  scope: Scope,
  { table, createOne, createMany, updateOne }: Bulk<Create, Update>,
  run: readonly Ready<z.output<Create> | z.output<Update>>[],
): Promise<Stored[]> {
  const inputs = run.map(({ input }) => input as z.output<Create>)
  const made: { id: number }[] = []
  if (run[0]?.recordId === null) {
    if (createMany) made.push(...(await createMany(scope, inputs)))
    else for (const input of inputs) made.push(await createOne(scope, input))
    return made.map(({ id }) => ({ id, verdict: 'created' }))
  }
  const ids = run.map(({ recordId }) => recordId as number)
  const before = await versionsOf(scope.db, table, ids)
  for (const { recordId, input } of run) await updateOne(scope, recordId as number, input as z.output<Update>)
  const after = await versionsOf(scope.db, table, ids)
  return ids.map((id) => ({ id, verdict: after.get(id) === before.get(id) ? 'unchanged' : 'updated' }))
}

/** Throws InvalidInput, with what is wrong by item and field ("items.3.email"), when any was refused. */
function refuseWhole(verdicts: readonly VerdictJson[]): void {
  const problems = verdicts.flatMap(({ verdict, detail = '', errors }, index) =>
    verdict === 'refused'
      ? Object.entries(errors ?? { '': [detail] }).map(
          ([field, said]) => [['items', index, field].filter((part) => part !== '').join('.'), said] as const,
        )
      : [],
  )
  if (problems.length > 0) throw new InvalidInput({}, Object.fromEntries(problems))
}

async function versionsOf(db: Db, table: string, ids: readonly number[]): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{ id: number; version: number }>(
    sql`SELECT id, version FROM ${raw(table)} WHERE id = ANY (${[...ids]}::int[])`,
  )
  return new Map(rows.map(({ id, version }) => [id, version]))
}

function summed(items: VerdictJson[]): z.output<typeof BulkAnswer> {
  const count = (verdict: VerdictJson['verdict']) => items.filter((item) => item.verdict === verdict).length
  return {
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    items,
  }
}
