import sql from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import type { Desired } from './difference.ts'
import type { ActivityDetails, Deal, LockedDeal, StageWords } from './queries.ts'

/** What a command did, for the deal's timeline: from what to what. */
export type AutomaticEntry = {
  [Type in keyof ActivityDetails]: { type: Type; details: ActivityDetails[Type] }
}[keyof ActivityDetails]

export function stageChange(deal: LockedDeal, { key, name }: StageWords): AutomaticEntry {
  return {
    type: 'stage_change',
    details: { from: { key: deal.stage, name: deal.stageName }, to: { key, name } },
  }
}

export function valueChange(deal: Deal, next: Desired): AutomaticEntry {
  return {
    type: 'value_change',
    details: {
      from: { value: deal.value?.toFixed() ?? null, currencyCode: deal.currencyCode },
      to: { value: next.value, currencyCode: next.currencyCode },
    },
  }
}

export async function ownerChange({ db }: Scope, from: number | null, to: number | null): Promise<AutomaticEntry> {
  const people = await db.query<{ id: number; name: string }>(
    sql`SELECT id, name FROM users WHERE id IN (${from}, ${to})`,
  )
  const person = (id: number | null) => people.find((user) => user.id === id) ?? null
  return { type: 'owner_change', details: { from: person(from), to: person(to) } }
}
