import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { surroundingsOf } from '../../src/features/clients/queries.ts'
import { findDeal, listLinkedDeals } from '../../src/features/deals/queries.ts'
import { createQuote, deleteQuote, updateQuote } from '../../src/features/quotes/commands.ts'
import { findQuote, nextQuoteNumber, quoteForm, quotesOfClient } from '../../src/features/quotes/queries.ts'
import { CreateQuoteInput, UpdateQuoteInput } from '../../src/features/quotes/schema.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { submission } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal, makeQuote } from '../support/records.ts'

let rosa: Scope
let acme: number

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

beforeEach(async () => {
  acme = (await makeClient(rosa, { currencyCode: 'CHF' })).id
})

async function rowsChanged(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'quotes' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

describe('a quote', () => {
  test('is kept as it was entered, by whom, for which client', async () => {
    const { id } = await createQuote(rosa, acme, {
      number: 'A-1',
      title: 'Ten forklifts',
      status: 'sent',
      total: '12345678901234.5',
      currencyCode: 'EUR',
      validUntil: '2999-12-31',
      notes: 'Two\nlines',
    })

    const quote = await findQuote(rosa, id)
    expect(quote).toMatchObject({
      clientId: acme,
      number: 'A-1',
      title: 'Ten forklifts',
      status: 'sent',
      currencyCode: 'EUR',
      validUntil: '2999-12-31',
      hasRunOut: false,
      notes: 'Two\nlines',
      version: 1,
      creatorName: 'Rosa',
      client: { id: acme, isActive: true },
    })
    expect(quote.total?.toFixed(2)).toBe('12345678901234.50')
  })

  test('is a draft in the client’s currency unless it says otherwise', async () => {
    const { id } = await makeQuote(rosa, acme)

    expect(await findQuote(rosa, id)).toMatchObject({
      status: 'draft',
      currencyCode: 'CHF',
      total: null,
      validUntil: null,
    })
  })

  test('submitted twice at once is one quote', async () => {
    const input = { number: 'ONCE-1', title: 'Once', submission: submission() }

    const made = await Promise.all(Array.from({ length: 8 }, () => createQuote(rosa, acme, input)))

    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(await quotesOfClient(rosa, acme)).toHaveLength(1)
  })

  test('is not made for an archived client', async () => {
    await archiveClient(rosa, acme)

    await expect(makeQuote(rosa, acme)).rejects.toThrow(new RuleViolation('quotes.errors.clientArchived'))
  })

  test('has a total with the decimals of its currency, whichever of the two is changed', async () => {
    const wrong = { status: 422, field: 'total', key: 'errors.currencyDecimals' }
    await expect(makeQuote(rosa, acme, { total: '1.5', currencyCode: 'JPY' })).rejects.toMatchObject(wrong)
    await expect(makeQuote(rosa, acme, { total: '1.555' })).rejects.toMatchObject(wrong)
    const { id } = await makeQuote(rosa, acme, { total: '1.55', currencyCode: 'EUR' })

    await expect(updateQuote(rosa, id, { currencyCode: 'JPY' })).rejects.toMatchObject(wrong)
    await expect(updateQuote(rosa, id, { total: '1.555' })).rejects.toMatchObject(wrong)
    await updateQuote(rosa, id, { total: null, currencyCode: 'JPY' })
    expect(await findQuote(rosa, id)).toMatchObject({ total: null, currencyCode: 'JPY' })
  })

  test('saved as it is opened changes nothing', async () => {
    const { id } = await makeQuote(rosa, acme, { total: '1200.5', validUntil: '2026-03-01', notes: '"a" & <b>' })
    const { values } = formOf(quoteForm(await findQuote(rosa, id)))
    expect(values.total).toBe('1200.50')

    await updateQuote(rosa, id, UpdateQuoteInput.parse(fromForm(UpdateQuoteInput, values)))

    expect((await findQuote(rosa, id)).version).toBe(1)
    expect(await rowsChanged(id)).toBe(1)
  })

  test('saved by two at once: one is told, with what the other stored', async () => {
    const { id } = await makeQuote(rosa, acme)

    const answers = await Promise.allSettled([
      updateQuote(rosa, id, { title: 'A', version: 1 }),
      updateQuote(rosa, id, { title: 'B', version: 1 }),
    ])

    const [told] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Conflict] : []))
    expect(told).toBeInstanceOf(Conflict)
    expect(told?.stored).toMatchObject({ title: (await findQuote(rosa, id)).title, version: 2 })
  })

  test('deleted is gone, once; its deals stay, without the link', async () => {
    const { id } = await makeQuote(rosa, acme)
    const deal = await makeDeal(rosa, { clientId: acme, relatedQuoteId: id })

    expect(await deleteQuote(rosa, id)).toEqual({ clientId: acme })

    expect(await findDeal(rosa, deal.id)).toMatchObject({ relatedQuoteId: null, quoteName: null })
    await expect(deleteQuote(rosa, id)).rejects.toThrow(NotFound)
  })

  test('tells which deals are about it', async () => {
    const { id } = await makeQuote(rosa, acme)
    await makeDeal(rosa, { clientId: acme, name: 'About it', relatedQuoteId: id })
    await makeDeal(rosa, { clientId: acme, name: 'Not about it' })

    expect((await listLinkedDeals(rosa, 'quote', id)).map(({ name }) => name)).toEqual(['About it'])
  })

  test('takes at most five queries to make or save, beside those of the transaction', async () => {
    const written = async (work: () => Promise<unknown>) =>
      (await queriesOf(work)).filter((text) => !/^(BEGIN|COMMIT|SET )|set_config/i.test(text)).length
    let id = 0

    expect(
      await written(async () => {
        id = (await makeQuote(rosa, acme, { submission: submission() })).id
      }),
    ).toBeLessThanOrEqual(5)
    expect(await written(() => updateQuote(rosa, id, { title: 'Another' }))).toBeLessThanOrEqual(5)
  })
})

describe('the number of a quote', () => {
  const taken = { status: 422, field: 'number', key: 'quotes.errors.numberTaken' }

  test('is given once, whatever its capitals, and a refusal leaves nothing behind', async () => {
    const { id } = await makeQuote(rosa, acme, { number: 'Ä-100' })
    const other = await makeQuote(rosa, acme, { number: 'B-100' })

    await expect(makeQuote(rosa, acme, { number: 'ä-100' })).rejects.toMatchObject(taken)
    await expect(updateQuote(rosa, other.id, { number: 'ä-100' })).rejects.toMatchObject(taken)
    await updateQuote(rosa, id, { number: 'ä-100' })

    expect((await quotesOfClient(rosa, acme)).map(({ label }) => label.split(' ')[0])).toEqual(['B-100', 'ä-100'])
  })

  test('asked for by eight at once is given to one, and the others are told', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => makeQuote(rosa, acme, { number: 'RACE-1' })),
    )

    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
    expect(refused).toHaveLength(7)
    for (const reason of refused) expect(reason).toMatchObject(taken)
  })

  test('is proposed: one more than the highest of this year, of our own shape', async () => {
    const year = dayIn(rosa.user.timeZone).slice(0, 4)
    expect(await nextQuoteNumber(rosa)).toBe(`Q-${year}-0001`)

    for (const number of [`Q-${year}-0009`, `q-${year}-0011`, 'Q-1999-5000', `Q-${year}-12a`, `Q-${year}-`, 'Q-abc-1'])
      await makeQuote(rosa, acme, { number })
    expect(await nextQuoteNumber(rosa)).toBe(`Q-${year}-0012`)

    await makeQuote(rosa, acme, { number: `Q-${year}-9999` })
    expect(await nextQuoteNumber(rosa)).toBe(`Q-${year}-10000`)
    await makeQuote(rosa, acme, { number: `Q-${year}-10000` })
    expect(await nextQuoteNumber(rosa)).toBe(`Q-${year}-10001`)
  })
})

describe('a quote that was sent', () => {
  test('has run out on the day after its last one, by the reader’s calendar; its status stays', async () => {
    const today = dayIn(rosa.user.timeZone)
    const yesterday = addDays(today, -1)
    const over = await makeQuote(rosa, acme, { status: 'sent', validUntil: yesterday })
    const last = await makeQuote(rosa, acme, { status: 'sent', validUntil: today })
    const accepted = await makeQuote(rosa, acme, { status: 'accepted', validUntil: yesterday })
    const open = await makeQuote(rosa, acme, { status: 'sent' })

    expect(await findQuote(rosa, over.id)).toMatchObject({ hasRunOut: true, status: 'sent' })
    for (const { id } of [last, accepted, open]) expect((await findQuote(rosa, id)).hasRunOut).toBe(false)
    const { quotes } = await surroundingsOf(rosa, acme)
    expect(quotes.filter(({ hasRunOut }) => hasRunOut).map(({ id }) => id)).toEqual([over.id])
  })
})

describe('the quotes of a client', () => {
  test('to choose from are its own, the newest first, by number and title, accepted ones too', async () => {
    const other = await makeClient(rosa)
    await makeQuote(rosa, other.id)
    await makeQuote(rosa, acme, { number: 'C-1', title: 'First', status: 'accepted' })
    await makeQuote(rosa, acme, { number: 'C-2', title: 'Second' })

    expect((await quotesOfClient(rosa, acme)).map(({ label }) => label)).toEqual(['C-2 · Second', 'C-1 · First'])
    expect(await quotesOfClient(rosa, null)).toEqual([])
  })

  test('on its page keep every digit of their totals', async () => {
    await makeQuote(rosa, acme, { total: '99999999999999.99' })

    expect((await surroundingsOf(rosa, acme)).quotes[0]?.total).toBe('99999999999999.9900')
  })
})

describe('who may what', () => {
  test('a quote follows its client: out of sight with it, and not to be written', async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const { id } = await makeQuote(rosa, acme)

    await expect(findQuote(own, id)).rejects.toThrow(NotFound)
    await expect(updateQuote(own, id, { title: 'Mine' })).rejects.toThrow(NotFound)
    await expect(deleteQuote(own, id)).rejects.toThrow(NotFound)
    await expect(makeQuote(own, acme)).rejects.toThrow(NotFound)
    expect(await quotesOfClient(own, acme)).toEqual([])
    expect((await surroundingsOf(own, acme)).quotes).toEqual([])
  })

  test('a viewer reads and writes nothing', async () => {
    const viewer = as(await makeUser({ role: 'viewer' }))
    const { id } = await makeQuote(rosa, acme)

    expect((await findQuote(viewer, id)).id).toBe(id)
    for (const write of [
      () => makeQuote(viewer, acme),
      () => updateQuote(viewer, id, { title: 'No' }),
      () => deleteQuote(viewer, id),
    ])
      await expect(write()).rejects.toThrow(Forbidden)
    expect(await rowsChanged(id)).toBe(1)
  })
})

describe('what may come in', () => {
  test.each([
    ['number', ''],
    ['number', 'x'.repeat(51)],
    ['number', 'a\0b'],
    ['number', 7],
    ['title', '  '],
    ['title', 'x'.repeat(201)],
    ['title', ['a']],
    ['status', 'won'],
    ['status', null],
    ['total', '-1'],
    ['total', '1e3'],
    ['total', 'NaN'],
    ['total', 12],
    ['total', '100000000000000'],
    ['total', '1.23456'],
    ['currencyCode', 'XXX'],
    ['currencyCode', 'eur'],
    ['currencyCode', null],
    ['validUntil', '2026-02-30'],
    ['validUntil', 'tomorrow'],
    ['notes', 'x'.repeat(20_001)],
    ['notes', '\ud800'],
  ])('a quote with %s %j is refused', (field, value) => {
    const { success, error } = CreateQuoteInput.safeParse({ number: 'Q-1', title: 'Fine', [field]: value })

    expect(success).toBe(false)
    expect(error?.issues.map(({ path }) => path[0])).toEqual([field])
  })
})
