import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import { csvRecord, csvWriter } from '../csv.ts'
import type { CsvColumn, CsvReader } from '../csv.ts'
import { translator } from '../i18n.ts'
import type { List } from '../list.ts'
import { dayIn } from '../time.ts'
import { languageOf, scopeOf } from './request.ts'

/** A reader who takes nothing for so long has gone, and the connection that reads for them is needed by others. */
const STALLED_MS = 60_000

/**
 * Every row of the list that the query string asks for, as a file called `<name>-<today>.csv`: written while it is read, so that its size costs
 * no memory. What goes wrong before the first rows is an error page; after them the connection breaks, so that half a file never looks whole.
 */
export async function sendCsv<Row, Filter extends z.ZodObject, FileRow>(
  req: Request,
  res: Response,
  list: List<Row, Filter, FileRow>,
  name: string,
): Promise<void> {
  const { csv: columns } = list
  if (!columns) throw new Error('the list declares no columns of a file')
  const scope = scopeOf(req)
  const language = languageOf(req)
  const reader: CsvReader = { t: translator(language), timeZone: scope.user.timeZone }
  const batches = list.all(scope, list.parse(req.query))
  const first = await batches.next()

  async function* records(columns: readonly CsvColumn<FileRow>[]) {
    for (let batch = first; !batch.done; batch = await batches.next()) {
      for (const row of batch.value) yield csvRecord(columns, row, reader)
    }
  }

  res.type('text/csv').attachment(`${name}-${dayIn(scope.user.timeZone)}.csv`)
  res.setTimeout(STALLED_MS, () => res.destroy())
  try {
    await pipeline(Readable.from(records(columns)), csvWriter(columns, reader), res)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return
    // The request's own line was written when the connection broke, before anybody knew why.
    req.log.error({ err: error }, 'a file broke off')
    res.destroy()
  } finally {
    // Whoever goes away in the middle ends the reading too.
    await batches.return(undefined)
  }
}
