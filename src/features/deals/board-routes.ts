import { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'
import { RuleViolation } from '../../platform/errors.ts'
import { translator } from '../../platform/i18n.ts'
import { noticesAtOnce, page, part } from '../../platform/http/page.ts'
import { asksForJson, idOf, languageOf, localPath, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { fromForm } from '../../platform/validation.ts'
import { stageName } from '../pipelines/words.ts'
import { requireWritable } from '../users/access.ts'
import { board } from './board.ts'
import type { Board, BoardColumn } from './board.ts'
import { boardFilters, boardHref, isNarrowed, periodOf } from './board-filters.ts'
import type { BoardFilters } from './board-filters.ts'
import { closeDeal } from './commands/closing.ts'
import { moveDeal } from './commands/moving.ts'
import { timing } from './present.ts'
import { CloseLostInput, CloseWonInput, MoveDealInput, PERIODS, StageKey } from './schema.ts'

/** The board, and what its script asks for: the same addresses, answered as JSON when that is what is accepted. */
export const boardRoutes = Router()

boardRoutes.get('/pipeline', async (req, res) => {
  const filters = boardFilters(req.query)
  if (asksForJson(req) && filters.stage !== undefined) return sendMore(req, res, filters, filters.stage)
  const shown = await board(scopeOf(req), filters)
  await page(res, 'deals/pipeline', {
    ...viewOf(req, shown, filters),
    ...shown,
    filters,
    narrowed: isNarrowed(filters),
    period: periodOf(filters),
    periods: PERIODS,
    wonForm: formOf({ actualCloseDate: timing(scopeOf(req)).today }),
    lostForm: formOf({ actualCloseDate: timing(scopeOf(req)).today }),
  })
})

boardRoutes.post('/:id/move', async (req, res) => {
  const id = idOf(req)
  // There is no form to come back to: the board shows what can be chosen.
  const input = MoveDealInput.safeParse(fromForm(MoveDealInput, bodyOf(req)))
  if (!input.success) {
    await requireWritable(scopeOf(req), 'deals', id)
    throw new RuleViolation('errors.choice', 'stage')
  }
  const { stage } = await moveDeal(scopeOf(req), id, input.data)
  notice(req, 'deals.notices.moved')
  if (asksForJson(req)) return sendMoved(req, res, id, stage)

  const { returnTo } = bodyOf(req)
  res.redirect(
    303,
    typeof returnTo === 'string' && returnTo !== '' ? localPath(returnTo) : `/deals/pipeline#deal-${id}`,
  )
})

/** For the addresses that close a deal: answers a script of the board; a form that was sent as a form is answered by who comes next. */
export function closedOnBoard(outcome: 'won' | 'lost'): RequestHandler {
  return async (req, res, next) => {
    if (!asksForJson(req)) return next()
    const id = idOf(req)
    const saved =
      outcome === 'won'
        ? await submit(CloseWonInput, req.body, (input) => closeDeal(scopeOf(req), id, { outcome, ...input }))
        : await submit(CloseLostInput, req.body, (input) => closeDeal(scopeOf(req), id, { outcome, ...input }))
    if (!saved.ok) {
      await requireWritable(scopeOf(req), 'deals', id)
      return sendProblems(req, res.status(saved.status), saved.form)
    }
    notice(req, outcome === 'won' ? 'deals.notices.won' : 'deals.notices.lost')
    await sendMoved(req, res, id, outcome)
  }
}

/** The next cards of one column, and where those behind them are. */
async function sendMore(req: Request, res: Response, filters: BoardFilters, stage: string): Promise<void> {
  const shown = await board(scopeOf(req), filters, { stages: [stage], cardsOnly: true })
  const [column] = shown.columns
  if (!column) throw new RuleViolation('errors.choice', 'stage')
  res.json(cardsOf(res, column, viewOf(req, shown, filters)))
}

/**
 * What a move changes on the board that it was made on (`returnTo`, a path with its filters): the headings of the columns it left and reached,
 * the card itself, and the cards of a column of closed deals, which has an order of its own; and the notice that offers to take it back.
 */
async function sendMoved(req: Request, res: Response, id: number, reached: string): Promise<void> {
  const { from, returnTo } = bodyOf(req)
  const query = new URL(localPath(returnTo), 'http://localhost').searchParams
  const { stage: _stage, after: _after, ...filters } = boardFilters(Object.fromEntries(query))
  const left = StageKey.safeParse(from)
  const scope = scopeOf(req)
  const shown = await board(scope, filters, { stages: [reached, ...(left.success ? [left.data] : [])], card: id })
  const view = viewOf(req, shown, filters)
  const columns = shown.columns.map((column) => ({
    stage: column.key,
    header: part(res, 'deals/_board-header', { ...view, column }),
    ...(column.kind !== 'open' && cardsOf(res, column, view)),
  }))
  const there = shown.columns.find(({ kind, cards }) => kind === 'open' && cards.length > 0)
  const notices = await noticesAtOnce(res, localPath(returnTo))
  res.json({ columns, card: there ? cardsOf(res, there, view).cards : null, notices })
}

function cardsOf(
  res: Response,
  column: BoardColumn,
  view: Readonly<Record<string, unknown>>,
): { cards: string; more: string } {
  return {
    cards: part(res, 'deals/_board-cards', { ...view, column }),
    more: part(res, 'deals/_board-more', { ...view, column }),
  }
}

/** What the parts of the board need, whichever of them is asked for. */
function viewOf(req: Request, { stages }: Pick<Board, 'stages'>, filters: BoardFilters) {
  return {
    stageName,
    timing: timing(scopeOf(req)),
    openStages: stages.filter(({ kind }) => kind === 'open'),
    returnTo: boardHref(filters),
    moreHref: (stage: string, after: string) => boardHref(filters, { stage, after }),
  }
}

/** The problems of a form, for the one in the page to show at its fields. */
function sendProblems(req: Request, res: Response, { errors }: Form): void {
  const t = translator(languageOf(req))
  const said = Object.entries(errors).map(([field, { key, values }]) => [field, [t(key, values)]] as const)
  res
    .type('application/problem+json')
    .send(JSON.stringify({ status: res.statusCode, title: said[0]?.[1][0] ?? '', errors: Object.fromEntries(said) }))
}

function bodyOf(req: Request): Readonly<Record<string, unknown>> {
  return (req.body ?? {}) as Readonly<Record<string, unknown>>
}
