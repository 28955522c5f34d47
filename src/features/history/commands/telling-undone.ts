import sql from 'sql-template-tag'
import { Decimal } from '../../../platform/money.ts'
import type { Scope } from '../../../platform/scope.ts'
import { record } from '../../deals/commands/claim.ts'
import type { AutomaticEntry } from '../../deals/timeline.ts'
import { ownerChange } from '../../deals/timeline.ts'
import type { StageWords } from '../../deals/queries.ts'
import type { DealStatus } from '../../deals/schema.ts'
import { automatic } from '../../leads/commands.ts'

interface UndoneDeal {
  id: number
  was: DealFacts
  is: DealFacts
}

interface DealFacts {
  stage: StageWords
  pipelineId: number
  status: DealStatus
  value: string | null
  currencyCode: string
  ownerId: number | null
  lossReason: string | null
}

interface UndoneLead {
  id: number
  was: LeadFacts
  is: LeadFacts
  contactId: number | null
}

interface LeadFacts {
  status: string
  score: number | null
  reason: string | null
  clientId: number | null
  dealId: number | null
}

/** What an undo did leaves the same activities as the verbs that do it: from what to what. What it took back stays told. */
export async function tellUndone(scope: Scope, changeSet: string): Promise<void> {
  for (const { id, was, is } of await undoneDeals(scope, changeSet))
    await record(scope, id, await entriesOf(scope, was, is))
  const activities = (await undoneLeads(scope, changeSet)).flatMap((lead) => activitiesOf(scope, lead))
  if (activities.length > 0) await scope.db.records.leadActivity.createMany({ data: activities })
}

async function entriesOf(scope: Scope, was: DealFacts, is: DealFacts): Promise<AutomaticEntry[]> {
  const closes = was.status !== is.status
  const moves = !closes && (was.stage.key !== is.stage.key || was.pipelineId !== is.pipelineId)
  const [from, to] = [amount(was), amount(is)]
  return [
    ...(closes
      ? [
          {
            type: 'status_change' as const,
            details: { from: was.status, to: is.status, ...(is.lossReason === null ? {} : { reason: is.lossReason }) },
          },
        ]
      : []),
    ...(moves ? [{ type: 'stage_change' as const, details: { from: was.stage, to: is.stage } }] : []),
    ...(from.value !== to.value || from.currencyCode !== to.currencyCode
      ? [{ type: 'value_change' as const, details: { from, to } }]
      : []),
    ...(was.ownerId === is.ownerId ? [] : [await ownerChange(scope, was.ownerId, is.ownerId)]),
  ]
}

function amount({ value, currencyCode }: DealFacts) {
  return { value: value === null ? null : new Decimal(value).toFixed(), currencyCode }
}

function activitiesOf(scope: Scope, { id, was, is, contactId }: UndoneLead) {
  const { clientId, dealId, reason } = is
  const converts = is.status === 'converted' && (was.status !== 'converted' || (dealId !== null && was.dealId === null))
  return [
    ...(converts
      ? [automatic(scope, id, 'conversion', { clientId, contactId, ...(dealId === null ? {} : { dealId }) })]
      : was.status === is.status
        ? []
        : [
            automatic(scope, id, 'status_change', {
              from: was.status,
              to: is.status,
              ...(reason === null ? {} : { reason }),
            }),
          ]),
    ...(was.score === is.score ? [] : [automatic(scope, id, 'score_change', { from: was.score, to: is.score })]),
  ]
}

/** The deals that were changed, as they stood before the undo and as they are: of one that was made or removed there is nothing to tell. */
function undoneDeals({ db }: Scope, changeSet: string): Promise<UndoneDeal[]> {
  const facts = (row: 'new_row' | 'old_row') => {
    const r = row === 'new_row' ? sql`u.after` : sql`u.before`
    return sql`jsonb_build_object('pipelineId', ${r} -> 'pipeline_id', 'status', ${r} -> 'status', 'value', ${r} ->> 'value',
      'currencyCode', ${r} -> 'currency_code', 'ownerId', ${r} -> 'owner_id', 'lossReason', ${r} -> 'loss_reason',
      'stage', jsonb_build_object('key', ${r} -> 'stage', 'name', (SELECT s.name FROM pipeline_stages s
        WHERE s.pipeline_id = (${r} ->> 'pipeline_id')::integer AND s.key = ${r} ->> 'stage')))`
  }
  return db.query<UndoneDeal>(sql`
    SELECT u.id, ${facts('new_row')} AS was, ${facts('old_row')} AS is FROM (${updatesOf('deals', changeSet)}) AS u ORDER BY u.id`)
}

function undoneLeads({ db }: Scope, changeSet: string): Promise<UndoneLead[]> {
  const facts = (row: 'new_row' | 'old_row') => {
    const r = row === 'new_row' ? sql`u.after` : sql`u.before`
    return sql`jsonb_build_object('status', ${r} -> 'status', 'score', ${r} -> 'score', 'reason', ${r} -> 'lost_reason',
      'clientId', ${r} -> 'converted_to_client_id', 'dealId', ${r} -> 'converted_to_deal_id')`
  }
  return db.query<UndoneLead>(sql`
    SELECT u.id, ${facts('new_row')} AS was, ${facts('old_row')} AS is,
      (SELECT (a.details ->> 'contactId')::integer FROM lead_activities a WHERE a.lead_id = u.id AND a.type = 'conversion'
       ORDER BY a.id DESC LIMIT 1) AS "contactId"
    FROM (${updatesOf('leads', changeSet)}) AS u ORDER BY u.id`)
}

/** Each record that a change-set updated, before its first update and after its last; not those that it made. */
function updatesOf(table: 'deals' | 'leads', changeSet: string) {
  return sql`
    SELECT c.record_id AS id, (array_agg(c.old_row ORDER BY c.id))[1] AS before, (array_agg(c.new_row ORDER BY c.id DESC))[1] AS after
    FROM changes c WHERE c.change_set = ${changeSet}::uuid AND c.table_name = ${table}
    GROUP BY c.record_id HAVING bool_and(c.operation = 'update')`
}
