import sql from 'sql-template-tag'
import { changedFields } from '../../platform/changed.ts'
import { isForeignKeyViolation } from '../../platform/database/failure.ts'
import { Conflict, NotFound, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import type { Scope } from '../../platform/scope.ts'
import { administer } from '../users/administrators.ts'
import { pipelineForm, stageForm } from './queries.ts'
import type { CreatePipeline, CreateStage, Direction, UpdatePipeline, UpdateStage } from './schema.ts'
import { hasWords } from './words.ts'

/** A pipeline with copies of the default one's stages, to be made one's own: it can take deals from the start. */
export function createPipeline(
  scope: Scope,
  { submission, name }: CreatePipeline,
): Promise<{ id: number; repeated: boolean }> {
  return administer(scope, (scope) =>
    once(scope, submission, { name }, async () => {
      const [pipeline] = await scope.db.query<{ id: number }>(sql`
        INSERT INTO pipelines (name, position) SELECT ${name}, coalesce(max(position), 0) + 1 FROM pipelines RETURNING id`)
      if (!pipeline) throw new Error('a pipeline was not made')
      await scope.db.query(sql`
        INSERT INTO pipeline_stages (pipeline_id, key, name, kind, probability, position, stale_after_days)
        SELECT ${pipeline.id}, s.key, s.name, s.kind, s.probability, s.position, s.stale_after_days
        FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id WHERE p.is_default RETURNING id`)
      return pipeline
    }),
  )
}

/** Throws Conflict with what is stored when somebody else saved after `version`. */
export function renamePipeline(scope: Scope, id: number, { name, version }: UpdatePipeline): Promise<void> {
  return administer(scope, async (scope) => {
    const stored = await scope.db.records.pipeline.findUnique({ where: { id } })
    if (!stored) throw new NotFound()
    if (name === undefined || name === stored.name) return
    if (version && version !== stored.version) throw new Conflict('errors.stale', {}, pipelineForm(stored))
    await scope.db.records.pipeline.update({ where: { id }, data: { name }, select: { id: true } })
  })
}

/** New deals go there unless another is chosen, and the board opens with it. */
export function makeDefaultPipeline(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    await scope.db.query(sql`UPDATE pipelines SET is_default = false WHERE is_default AND id <> ${id} RETURNING id`)
    const chosen = await scope.db.query(
      sql`UPDATE pipelines SET is_default = true WHERE id = ${id} AND NOT is_default RETURNING id`,
    )
    if (chosen.length === 0) await requireDefault(scope, id)
  })
}

async function requireDefault({ db }: Scope, id: number): Promise<void> {
  const found = await db.query(sql`SELECT id FROM pipelines WHERE id = ${id} AND is_default`)
  if (found.length === 0) throw new NotFound()
}

/** Only one that holds no deals, archived ones among them, and is not the default. */
export function deletePipeline(scope: Scope, id: number): Promise<void> {
  return unlessInUse(
    'pipelines.errors.pipelineInUse',
    administer(scope, async (scope) => {
      const stored = await scope.db.records.pipeline.findUnique({ where: { id }, select: { isDefault: true } })
      if (!stored) throw new NotFound()
      if (stored.isDefault) throw new Conflict('pipelines.errors.default')
      // Stage by stage, and not by the foreign key, so that each has its row in the audit before the pipeline's.
      await scope.db.query(sql`DELETE FROM pipeline_stages WHERE pipeline_id = ${id} RETURNING id`)
      await scope.db.query(sql`DELETE FROM pipelines WHERE id = ${id} RETURNING id`)
    }),
  )
}

/** An open stage, behind the other open ones. Its key is made of its name, once, and never changes. */
export function createStage(
  scope: Scope,
  pipelineId: number,
  { submission, name, probability, staleAfterDays = null }: CreateStage,
): Promise<{ id: number; repeated: boolean }> {
  return administer(scope, (scope) =>
    once(scope, submission, { name, probability, staleAfterDays }, async () => {
      const stages = await scope.db.records.pipelineStage.findMany({
        where: { pipelineId },
        orderBy: { position: 'asc' },
      })
      if (stages.length === 0) throw new NotFound()
      requireOwnName(stages, name)
      const lastOpen = Math.max(0, ...stages.filter(({ kind }) => kind === 'open').map(({ position }) => position))
      await scope.db.query(sql`
          UPDATE pipeline_stages SET position = position + 1 WHERE pipeline_id = ${pipelineId} AND position > ${lastOpen} RETURNING id`)
      const key = freeKey(
        name,
        stages.map(({ key }) => key),
      )
      const data = { pipelineId, key, name, kind: 'open', probability, position: lastOpen + 1, staleAfterDays }
      return scope.db.records.pipelineStage.create({ data, select: { id: true } })
    }),
  )
}

/**
 * What a stage is called, and what a deal that enters it gets: those that are in it keep theirs. A won or lost stage is as likely as that says.
 * Throws Conflict with what is stored when somebody else saved after `version`.
 */
export function updateStage(
  scope: Scope,
  id: number,
  { version, ...input }: UpdateStage,
): Promise<{ pipelineId: number }> {
  return administer(scope, async (scope) => {
    const stored = await stageToChange(scope, id)
    const { pipelineId } = stored
    const changed = changedFields(stored, input)
    if (Object.keys(changed).length === 0) return { pipelineId }
    if (version && version !== stored.version) throw new Conflict('errors.stale', {}, stageForm(stored))
    if (changed.name === null && !hasWords(stored.key)) throw new RuleViolation('errors.required', 'name')
    if (stored.kind !== 'open' && changed.probability !== undefined)
      throw new RuleViolation('pipelines.errors.closedProbability', 'probability')
    if (changed.name) {
      const others = await scope.db.records.pipelineStage.findMany({ where: { pipelineId, id: { not: id } } })
      requireOwnName(others, changed.name)
    }
    return scope.db.records.pipelineStage.update({ where: { id }, data: changed, select: { pipelineId: true } })
  })
}

/** Changes places with its neighbour; at either end of the open stages it stays. */
export function moveStage(
  scope: Scope,
  id: number,
  direction: Direction,
): Promise<{ pipelineId: number; moved: boolean }> {
  return administer(scope, async (scope) => {
    const { pipelineId, kind, position } = await stageToChange(scope, id)
    if (kind !== 'open') throw new Conflict('pipelines.errors.closedStaysLast')
    const neighbour = await scope.db.records.pipelineStage.findFirst({
      where: { pipelineId, kind: 'open', position: direction === 'up' ? { lt: position } : { gt: position } },
      orderBy: { position: direction === 'up' ? 'desc' : 'asc' },
    })
    if (!neighbour) return { pipelineId, moved: false }
    // One statement: between two of them both would stand in one place.
    await scope.db.query(sql`
      UPDATE pipeline_stages SET position = CASE id WHEN ${id} THEN ${neighbour.position}::integer ELSE ${position}::integer END
      WHERE id IN (${id}, ${neighbour.id}) RETURNING id`)
    return { pipelineId, moved: true }
  })
}

/** Only an open one that holds no deals, archived ones among them, and is not the last: a deal begins in some stage. */
export function deleteStage(scope: Scope, id: number): Promise<{ pipelineId: number }> {
  return unlessInUse(
    'pipelines.errors.stageInUse',
    administer(scope, async (scope) => {
      const { pipelineId, kind } = await stageToChange(scope, id)
      if (kind !== 'open') throw new Conflict('pipelines.errors.closedStays')
      const open = await scope.db.records.pipelineStage.count({ where: { pipelineId, kind: 'open' } })
      if (open === 1) throw new Conflict('pipelines.errors.lastOpen')
      return scope.db.records.pipelineStage.delete({ where: { id }, select: { pipelineId: true } })
    }),
  )
}

/**
 * Locks a stage until the transaction ends, and answers its version. In the turn of administrators, as every change of it is: two locks in two
 * orders could wait for each other. Throws NotFound.
 */
export function lockStage(scope: Scope, id: number): Promise<number> {
  return administer(scope, async (scope) => (await stageToChange(scope, id)).version)
}

async function stageToChange({ db }: Scope, id: number) {
  const stored = await db.records.pipelineStage.findUnique({ where: { id } })
  if (!stored) throw new NotFound()
  return stored
}

function requireOwnName(others: readonly { name: string | null }[], name: string): void {
  if (others.some((other) => other.name?.toLowerCase() === name.toLowerCase()))
    throw new RuleViolation('pipelines.errors.stageTaken', 'name')
}

/** "Vor Ort: Besuch" → "vor_ort_besuch"; a name without a Latin letter is "stage". */
function freeKey(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[\d_]+|_+$/g, '')
  const base = plain.slice(0, 40).replace(/_+$/, '') || 'stage'
  for (let turn = 1; ; turn += 1) {
    const key = turn === 1 ? base : `${base}_${turn}`
    if (!taken.includes(key)) return key
  }
}

async function unlessInUse<Result>(
  message: 'pipelines.errors.pipelineInUse' | 'pipelines.errors.stageInUse',
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new Conflict(message)
    throw error
  }
}
