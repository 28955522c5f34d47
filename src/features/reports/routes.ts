import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Router } from 'express'
import { csvRecord, csvWriter } from '../../platform/csv.ts'
import { formatFor } from '../../platform/http/format.ts'
import { page } from '../../platform/http/page.ts'
import { languageOf, scopeOf } from '../../platform/http/request.ts'
import { translator } from '../../platform/i18n.ts'
import { currencies } from '../../platform/money.ts'
import { rateWords } from '../currencies/present.ts'
import { stageName } from '../pipelines/words.ts'
import { listOwners } from '../users/queries.ts'
import { barLengths, closedChart } from './chart.ts'
import { amountOf } from './figures.ts'
import { fileOf } from './files.ts'
import { reportHref } from './links.ts'
import { bucketWords, totalWords } from './present.ts'
import { readQuestion } from './question.ts'
import { report } from './report.ts'
import { FILE_NAMES, REPORT_PERIODS, SECTIONS } from './schema.ts'

export const reportRoutes = Router()

/** Each section as a file: GET /reports/<section>.csv, with the query string of the page. */
export const reportFileRoutes = Router()

reportRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const question = readQuestion(scope, req.query)
  const [shown, owners] = await Promise.all([report(scope, question), listOwners(scope)])
  const language = languageOf(req)
  const { money } = formatFor(language, scope.user.timeZone)
  await page(res, 'reports/index', {
    report: shown,
    chart: closedChart(shown.closed, shown.currency, language),
    owners,
    periods: REPORT_PERIODS,
    currencies,
    barLengths,
    amountOf,
    totalWords: totalWords(money),
    bucketWords: bucketWords(language, question),
    stageName,
    rateWords: rateWords(language, translator(language)),
    fileHref: (section: keyof typeof FILE_NAMES) => reportHref(question, `/reports/${FILE_NAMES[section]}.csv`),
  })
})

for (const section of SECTIONS) {
  const name = FILE_NAMES[section]
  reportFileRoutes.get(`/reports/${name}.csv`, async (req, res) => {
    const scope = scopeOf(req)
    const question = readQuestion(scope, req.query)
    const shown = await report(scope, question)
    const reader = { t: translator(languageOf(req)), timeZone: scope.user.timeZone }
    const file = await fileOf(shown, section, ({ columns, rows }) =>
      text(Readable.from(rows.map((row) => csvRecord(columns, row, reader))).pipe(csvWriter(columns, reader))),
    )
    res.type('text/csv').attachment(`${name}-${question.from}-${question.to}.csv`).send(file)
  })
}
