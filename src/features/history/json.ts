import { z } from 'zod'
import { Moment, RecordId, amountOf, momentOf } from '../../platform/api/json.ts'
import { Decimal } from '../../platform/money.ts'
import type { HistoryEntry, ToldChange } from './entries.ts'
import { fieldsOf } from './fields.ts'
import type { Field } from './fields.ts'
import { KINDS } from './schema.ts'
import type { Told } from './values.ts'

/** A value as it was: an amount has its currency, and what was somebody or something is told by its name. */
const ValueJson = z
  .union([
    z.string(),
    z.int(),
    z.boolean(),
    z.array(z.string()),
    z.object({ value: z.string().nullable(), currencyCode: z.string() }),
    z.object({ name: z.string().nullable(), key: z.string().optional() }),
  ])
  .nullable()
type Value = z.input<typeof ValueJson>

const OneChange = z.object({
  noun: z.string().meta({ description: 'What kind of record it is, as in its address: "deals", "lead-activities".' }),
  recordId: RecordId,
  kind: z.enum(KINDS),
  name: z.string().nullable().meta({ description: 'What it was called then.' }),
  fields: z.array(z.object({ field: z.string(), from: ValueJson, to: ValueJson })).meta({
    description:
      'What differs. Of amounts the currency is told along, of records and people the name; null where that is gone or not yours to see. Long texts are cut.',
  }),
})

/** Everything that was done at once, as programs read it. */
export const ChangeJson = z
  .object({
    changeSet: z.uuid().meta({ description: 'What it is undone by.' }),
    at: Moment,
    who: z
      .object({ id: RecordId, name: z.string().nullable() })
      .nullable()
      .meta({ description: 'null: the product, by itself.' }),
    kind: z.enum(KINDS).meta({ description: 'Of its changes, the one that says most.' }),
    isUndone: z.boolean(),
    isUndoable: z.boolean().meta({ description: 'You may undo it, unless something newer stands on it.' }),
    changes: z.array(OneChange),
    others: z.int().min(0).meta({ description: 'How many changes of it are not shown.' }),
  })
  .meta({
    title: 'Change',
    examples: [
      {
        changeSet: '0b5c1f0e-8c5e-4f3a-9a55-1c8a3f1c2d4e',
        at: '2026-01-31T13:30:00.000Z',
        who: { id: 3, name: 'Rosa Winter' },
        kind: 'changed',
        isUndone: false,
        isUndoable: true,
        changes: [
          {
            noun: 'deals',
            recordId: 41,
            kind: 'changed',
            name: 'Ten forklifts',
            fields: [
              {
                field: 'value',
                from: { value: '12000.50', currencyCode: 'EUR' },
                to: { value: '11800.00', currencyCode: 'EUR' },
              },
              { field: 'ownerId', from: null, to: { name: 'Emil Sommer' } },
            ],
          },
        ],
        others: 0,
      },
    ],
  })

export const ChangePage = z
  .object({
    data: z.array(ChangeJson),
    next: z.string().nullable().meta({
      description:
        'The `cursor` of what is older; null where nothing is. A page can have less than it could, even nothing.',
    }),
  })
  .meta({ title: 'ChangePage' })

export function presentEntry(entry: HistoryEntry): z.input<typeof ChangeJson> {
  return {
    changeSet: entry.changeSet,
    at: momentOf(entry.at),
    who: entry.whoId === null ? null : { id: entry.whoId, name: entry.who },
    kind: entry.kind,
    isUndone: entry.isUndone,
    isUndoable: entry.isUndoable,
    changes: entry.changes.map(presentChange),
    others: entry.others,
  }
}

function presentChange({ table, recordId, kind, name, fields }: ToldChange): z.input<typeof OneChange> {
  const declared = fieldsOf(table)
  return {
    noun: nounOf(table),
    recordId,
    kind,
    name,
    fields: Object.entries(fields).flatMap(([column, [from, to]]) => {
      const field = declared[column]
      return field ? [{ field: camelCase(column), from: valueOf(field, from), to: valueOf(field, to) }] : []
    }),
  }
}

function valueOf(field: Field, told: Told): Value {
  if (field.as === 'money') {
    const [amount, currency] = Array.isArray(told) ? told : [null]
    return typeof amount === 'string' ? { value: decimal(amount, currency ?? ''), currencyCode: currency ?? '' } : null
  }
  if (typeof told === 'string') {
    if (field.as === 'percent' && /^\d{1,3}$/.test(told)) return Number(told)
    if (field.as === 'moment' && !Number.isNaN(Date.parse(told))) return momentOf(new Date(told))
    if (field.as === 'clock') return told.slice(0, 5)
  }
  return Array.isArray(told) ? told.map(String) : told
}

/** What was erased is told as it stands. */
function decimal(amount: string, currency: string): string {
  return /^\d+(\.\d+)?$/.test(amount) && currency !== '' ? (amountOf(new Decimal(amount), currency) ?? amount) : amount
}

/** Where they have an address, the first part of it. */
const NOUNS_OF: Readonly<Record<string, string>> = {
  contact_communications: 'communications',
  pipeline_stages: 'stages',
}

function nounOf(table: string): string {
  return NOUNS_OF[table] ?? table.replaceAll('_', '-')
}

function camelCase(column: string): string {
  return column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
