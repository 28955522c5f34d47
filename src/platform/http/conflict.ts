import type { z } from 'zod'
import type { Meanwhile } from '../errors.ts'
import { Decimal } from '../money.ts'
import type { FormBody } from '../validation.ts'

type Values = Readonly<Record<string, string>>
export type Side = 'yours' | 'theirs'

/** What both changed, and one of the two is to be chosen. Fields that belong together are chosen together. */
export interface Choice {
  /** Called as its first field. */
  name: string
  fields: { name: string; yours: string; theirs: string }[]
  side: Side
}

/** What a form says of a save that came after somebody else's. */
export interface FormConflict {
  saved: Meanwhile['saved']
  choices: Choice[]
  /** Only others changed it: the form shows theirs already. */
  taken: { name: string; before: string; theirs: string }[]
  /** Only this reader changed it: it stays. */
  kept: string[]
}

/**
 * Three versions, field by field: what only one side changed is that side's, what both changed is asked for. Without `base`, all that differs is
 * asked for.
 */
export function compare(yours: Values, theirs: Values, { base, together }: Omit<Meanwhile, 'saved'>) {
  const found: Omit<FormConflict, 'saved'> = { choices: [], taken: [], kept: [] }
  const differs = (name: string) => !sameText(yours[name], theirs[name])
  const isChanged = (side: Values, names: readonly string[]) =>
    !base || names.some((name) => !sameText(side[name], base[name]))
  for (const names of unitsOf(yours, theirs, together)) {
    const differing = names.filter(differs)
    const [name] = differing
    if (name === undefined) continue
    if (!isChanged(theirs, names)) found.kept.push(...differing)
    else if (!isChanged(yours, names))
      found.taken.push(
        ...differing.map((each) => ({ name: each, before: yours[each] ?? '', theirs: theirs[each] ?? '' })),
      )
    else
      found.choices.push({
        name: names[0] ?? name,
        // As it was read: of a day that is only blanks no words can be made.
        fields: names.map((each) => ({ name: each, yours: (yours[each] ?? '').trim(), theirs: theirs[each] ?? '' })),
        side: 'yours',
      })
  }
  return found
}

/** The fields of the form, in its order, those together that go one way or the other. */
function unitsOf(yours: Values, theirs: Values, together: Meanwhile['together']): string[][] {
  const known = (name: string) => name !== 'version' && name in yours && name in theirs
  const left = new Set(Object.keys(yours).filter(known))
  // Without its moment, an offset says nothing.
  const moments = [...left].filter((name) => known(`${name}Offset`)).map((name) => [name, `${name}Offset`])
  const bound = together.filter(([lead = '']) => known(lead) && !sameText(yours[lead], theirs[lead]))
  return [...left].flatMap((name) => {
    if (!left.has(name)) return []
    const unit = [...bound, ...moments].find((names) => names.includes(name))?.filter((each) => left.has(each)) ?? [
      name,
    ]
    for (const each of unit) left.delete(each)
    return [unit]
  })
}

/** The same to whoever reads it: ends of lines, blanks around, and how an amount is written make no difference. */
function sameText(a = '', b = ''): boolean {
  const [left, right] = [a, b].map((text) => text.replaceAll('\r\n', '\n').trim()) as [string, string]
  const amount = /^\d+(\.\d+)?$/
  return left === right || (amount.test(left) && amount.test(right) && new Decimal(left).equals(right))
}

/** The choices that a form sends back, as partials/conflict wrote them down; none where it is no such form. */
export function choicesIn(schema: z.ZodObject, body: FormBody): Choice[] {
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : '')
  return text('asked')
    .split(' ')
    .map((unit) => unit.split('+').filter((name) => name !== 'version' && Object.hasOwn(schema.shape, name)))
    .flatMap((names) => {
      const [name] = names
      if (name === undefined) return []
      const fields = names.map((each) => ({ name: each, yours: text(`yours.${each}`), theirs: text(`theirs.${each}`) }))
      return [{ name, fields, side: text(`side.${name}`) === 'theirs' ? 'theirs' : 'yours' } satisfies Choice]
    })
}

/**
 * The form as it was meant: a field whose other version was chosen is not sent, so that it stays as it is stored. What was typed after the
 * question was put counts more than its answer.
 */
export function settled(schema: z.ZodObject, body: FormBody): { body: FormBody; theirs: Values } {
  const given = { ...body }
  const theirs: Record<string, string> = {}
  for (const field of choicesIn(schema, body).flatMap(({ side, fields }) => (side === 'theirs' ? fields : []))) {
    const typed = body[field.name]
    if (typeof typed === 'string' && !sameText(typed, field.yours)) continue
    const type = schema.shape[field.name] as z.ZodType | undefined
    theirs[field.name] = field.theirs
    if (type?.safeParse(undefined).success) delete given[field.name]
    else given[field.name] = field.theirs
  }
  return { body: given, theirs }
}
