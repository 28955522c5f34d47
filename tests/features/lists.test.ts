import sql from 'sql-template-tag'
import type { z } from 'zod'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createActivity } from '../../src/features/activities/commands.ts'
import { clientList } from '../../src/features/clients/list.ts'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { contactList } from '../../src/features/contacts/list.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { leadList } from '../../src/features/leads/list.ts'
import { TooManyRequests } from '../../src/platform/errors.ts'
import type { List, ListPage } from '../../src/platform/list.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

type AnyList = List<{ id: number }, z.ZodObject>
const lists = { leads: leadList, deals: dealList, clients: clientList, contacts: contactList } as unknown as Record<
  string,
  AnyList
>
const ROWS = 115

let scope: Scope

/** More than two pages of each noun, with all that makes an order hard: ties, nobody, nothing, two owners of one name, archived clients. */
beforeAll(async () => {
  const owners = [
    ...(await Promise.all(['Zoë', 'Ada', 'Ada', 'emil'].map(async (name) => (await makeUser({ name })).id))),
    null,
  ]
  scope = as(await makeUser({ role: 'admin', name: 'Ben' }))
  const pick = <Choice>(choices: readonly Choice[], index: number) => choices[index % choices.length] as Choice
  await inTransaction(scope, async (scope) => {
    const clients: number[] = []
    for (let index = 0; index < ROWS; index++) {
      const { id } = await makeClient(scope, {
        name: pick(['Acme', 'acme', 'Zebra', 'Ölwerk', `Client ${index}`], index),
        ownerId: pick(owners, index * 3),
        email: pick([null, 'A@example.com', `m${index}@example.com`], index),
        status: pick(['active', 'inactive'] as const, index),
      })
      clients.push(id)
      if (index % 4 > 0)
        await makeContact(scope, id, {
          firstName: pick(['Ada', 'ada', 'Zoë'], index),
          lastName: pick(['Byron', 'Čapek', 'byron'], index * 7),
          role: pick(['contact', 'billing', 'technical'] as const, index),
          email: pick([null, 'x@example.com', `c${index}@example.com`], index),
          phone: pick([null, '+49 30 1', '030 2'], index),
          mobile: pick([null, '+49 171 5'], index),
        })
      const lead = await makeLead(scope, {
        firstName: pick(['Ada', 'Emil'], index),
        source: pick([null, 'Fair', 'fair', 'Website'], index),
        ownerId: pick(owners, index),
        score: pick([null, 0, 100], index),
        companyName: pick([null, 'Acme', `Company ${index}`], index),
        status: pick(['new', 'contacted', 'qualified'] as const, index),
      })
      const deal = await makeDeal(scope, {
        clientId: pick([null, ...clients.slice(0, 9)], index),
        ownerId: pick(owners, index * 2),
        stage: pick(['negotiation', 'prospecting', 'proposal'], index),
        probability: pick([0, 50, 100], index),
      })
      if (index % 3 > 0) await plan(scope, deal.id, pick(['2026-01-02', '2026-01-01', '2026-03-01'], index))
      if (index % 6 === 1) await plan(scope, deal.id, '2026-02-01')
      if (index % 4 === 0) await planForLead(scope, deal.id, lead.id, pick(['2025-12-31', '2026-01-01'], index / 4))
    }
  })
  const [, , gone] = await scope.db.query<{ id: number }>(sql`SELECT id FROM clients ORDER BY id LIMIT 3`)
  await archiveClient(scope, gone?.id ?? 0, { confirmed: true })
})

async function plan(scope: Scope, dealId: number, due: string): Promise<void> {
  await scope.db.query(sql`
    INSERT INTO deal_activities (deal_id, type, subject, due_date, status) VALUES (${dealId}, 'call', 'Next', ${due}::date, 'pending')`)
}

/** The deal came from a lead for which something is planned. */
async function planForLead(scope: Scope, dealId: number, leadId: number, due: string): Promise<void> {
  await scope.db.query(sql`UPDATE deals SET lead_id = ${leadId} WHERE id = ${dealId}`)
  await createActivity(scope, 'lead', leadId, { type: 'call', subject: 'Planned for the lead', dueDate: due })
}

describe.each(
  Object.entries(lists).flatMap(([noun, list]) =>
    Object.keys(list.sorts).flatMap((sort) =>
      [`${noun} by ${sort}`, `${noun} by -${sort}`].map((name) => [name, list] as const),
    ),
  ),
)('%s', (name, list) => {
  const sort = name.split(' ').at(-1) ?? ''

  test('shows each row once, forwards, backwards and in its file, in one order', async () => {
    const whole: number[] = []
    for await (const batch of list.all(scope, list.parse({ sort }))) whole.push(...batch.map(({ id }) => id))

    const forwards = await walk(list, `?sort=${sort}`, 'next')
    const last = forwards.at(-1)
    const backwards = [last, ...(await walk(list, last?.previous ?? '', 'previous'))].toReversed()

    expect(whole.length).toBeGreaterThan(80)
    expect(new Set(whole).size).toBe(whole.length)
    expect(forwards.flatMap(idsOf)).toEqual(whole)
    expect(backwards.flatMap(idsOf)).toEqual(whole)
  })
})

describe('what has nothing to be ordered by comes last in both directions', () => {
  test.each([
    ['leads', 'owner', 'ownerName'],
    ['leads', 'source', 'source'],
    ['deals', 'owner', 'ownerName'],
    ['deals', 'client', 'clientName'],
    ['deals', 'next', 'nextStep'],
    ['clients', 'owner', 'ownerName'],
    ['clients', 'contact', 'primaryContactName'],
    ['clients', 'email', 'email'],
    ['contacts', 'phone', 'phone'],
  ])('%s by %s', async (noun, sort, field) => {
    for (const direction of ['', '-']) {
      const rows = (await walk(lists[noun] as AnyList, `?sort=${direction}${sort}`, 'next')).flatMap(({ rows }) => rows)
      const isEmpty = rows.map((row) => {
        const { mobile, ...shown } = row as unknown as Record<string, unknown>
        return shown[field] === null && (field !== 'phone' || mobile === null)
      })

      expect(isEmpty).toContain(true)
      expect(isEmpty.indexOf(true)).toBe(isEmpty.lastIndexOf(false) + 1)
    }
  })
})

test('deals by stage go through the pipeline, whatever its stages are called', async () => {
  const stages = (await walk(lists.deals as AnyList, '?sort=stage', 'next')).flatMap(({ rows }) =>
    rows.map((row) => (row as unknown as { stage: string }).stage),
  )

  expect([...new Set(stages)]).toEqual(['prospecting', 'proposal', 'negotiation'])
})

test('deals by next step go by the earliest of each deal', async () => {
  const dates = (await walk(lists.deals as AnyList, '?sort=next', 'next')).flatMap(({ rows }) =>
    rows.map((row) => (row as unknown as { nextStep: { dueDate: string } | null }).nextStep?.dueDate ?? '9999'),
  )

  expect(dates).toEqual(dates.toSorted())
})

test('a deal that moves while the pages of another stage are turned neither repeats nor hides others', async () => {
  const list = lists.deals as AnyList
  const first = await list.fetch(scope, list.parse({ sort: 'stage' }))
  const moved = first.rows.at(-1)?.id ?? 0
  await moveDeal(scope, moved, { stage: 'negotiation' })

  const rest = await walk(list, first.next ?? '', 'next')

  const others = [...idsOf(first), ...rest.flatMap(idsOf)].filter((id) => id !== moved)
  expect(others).toHaveLength(ROWS - 1)
  expect(new Set(others).size).toBe(ROWS - 1)
})

describe('a file is read', () => {
  const readers: AsyncGenerator<{ n: number }[]>[] = []
  const open = () => {
    const reader = db.batches<{ n: number }>(sql`SELECT n FROM generate_series(1, 1200) AS n`)
    readers.push(reader)
    return reader
  }

  afterEach(async () => {
    for (const reader of readers.splice(0)) await reader.return(undefined)
  })

  test('some hundreds of rows at a time, none left out', async () => {
    const batches: { n: number }[][] = []
    for await (const batch of open()) batches.push(batch)

    expect(batches.map(({ length }) => length)).toEqual([500, 500, 200])
    expect(batches.flat().map(({ n }) => n)).toEqual(Array.from({ length: 1200 }, (_, index) => index + 1))
  })

  test('by few at once, so that pages keep connections; whoever leaves makes room', async () => {
    const first = open()
    await first.next()
    await open().next()
    await open().next()
    await expect(open().next()).rejects.toThrow(TooManyRequests)

    await first.return(undefined)

    expect((await open().next()).done).toBe(false)
  })

  test('as it was when the reading began', async () => {
    const all = (lists.leads as AnyList).all(scope, (lists.leads as AnyList).parse({}))
    const { value } = (await all.next()) as { value: { id: number }[] }
    await makeLead(system, { lastName: 'Later' })
    const rest = await all.next()

    expect(rest.done).toBe(true)
    expect(value).toHaveLength(ROWS)
  })

  test('inside a transaction too', async () => {
    await inTransaction(scope, async (scope) => {
      const batches = []
      for await (const batch of scope.db.batches(sql`SELECT 1 AS n`)) batches.push(batch)
      expect(batches).toEqual([[{ n: 1 }]])
    })
  })
})

describe('a telephone number is found however it is written', () => {
  beforeAll(async () => {
    const client = await makeClient(scope, { name: 'Phone International', phone: '+49 30 7654321' })
    await makeContact(scope, client.id, { lastName: 'Dialer', phone: null, mobile: '(0171) 998-877-66' })
    await makeLead(scope, { lastName: 'National', phone: '030/76 54 321' })
    await makeLead(scope, { lastName: 'Trunk', phone: '+49 (0)30 7654321' })
  })

  const found = async (noun: string, q: string) =>
    (await (lists[noun] as AnyList).fetch(scope, (lists[noun] as AnyList).parse({ q, sort: 'name' }))).rows.map(
      (row) => {
        const { name, lastName } = row as unknown as { name?: string; lastName?: string }
        return lastName ?? name
      },
    )

  test.each([
    '030 7654321',
    '0307654321',
    '+49 30 7654321',
    '0049 30 76 54 321',
    '+49(0)30-7654321',
    '7654321',
    '30/765',
  ])('%s', async (q) => {
    expect(await found('leads', q)).toEqual(['National', 'Trunk'])
    expect(await found('clients', q)).toEqual(['Phone International'])
  })

  test('a mobile number, next to other words', async () => {
    expect(await found('contacts', 'dialer 0171 99887766')).toEqual(['Rosa Dialer'])
    expect(await found('contacts', '+49 171 998877 dialer')).toEqual(['Rosa Dialer'])
    expect(await found('contacts', 'dialer 0171 99887767')).toEqual([])
  })

  test('but figures that are no number are words as before', async () => {
    await makeClient(scope, { name: 'Halle 9 Tor 40771' })

    expect(await found('clients', '9 40771')).toEqual(['Halle 9 Tor 40771'])
  })
})

async function walk(list: AnyList, start: string, direction: 'next' | 'previous'): Promise<ListPage<{ id: number }>[]> {
  const pages = []
  for (let link: string | null = start; link;) {
    const page: ListPage<{ id: number }> = await list.fetch(
      scope,
      list.parse(Object.fromEntries(new URLSearchParams(link))),
    )
    pages.push(page)
    link = page[direction]
    if (pages.length > 6) throw new Error(`there is no end to "${direction}"`)
  }
  return pages
}

function idsOf(page: ListPage<{ id: number }> | undefined): number[] {
  return page?.rows.map(({ id }) => id) ?? []
}
