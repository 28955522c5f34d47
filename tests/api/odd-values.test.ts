import fc from 'fast-check'
import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientList } from '../../src/features/clients/list.ts'
import { communicationList } from '../../src/features/communications/list.ts'
import { COMMUNICATION_TYPES } from '../../src/features/communications/schema.ts'
import { contactList } from '../../src/features/contacts/list.ts'
import { projectList } from '../../src/features/projects/list.ts'
import { quoteList } from '../../src/features/quotes/list.ts'
import { bodyOf } from '../../src/features/webhooks/present.ts'
import type { Told } from '../../src/features/webhooks/present.ts'
import { tellers, told } from '../../src/features/webhooks/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact } from '../support/records.ts'
import { fits } from './contract.ts'

type Fields = Record<string, unknown>
interface Page {
  data: (Fields & { id: number })[]
  next: string | null
}

const RECORDS = 20
/** What has broken something somewhere before. */
const ODD = [
  '<script>alert(1)</script>',
  'O\'Brien & "Sons"; DROP TABLE clients --',
  '%_\\',
  '=1+1',
  'null',
  '\u202e\u0645\u0631\u062d\u0628\u0627',
  '👩‍👩‍👧‍👦',
  'a\u200db',
  '\ufeffBOM',
  'İıßŒ',
  'e\u0301\u0302\u0303',
  '\u0001\u001f',
  '\u{10ffff}',
  'line\nline',
]

/** Text that can be stored, up to as long as it may be in characters of four bytes, or in such as JSON has to escape. */
const text = (max: number) =>
  fc.oneof(
    fc.constantFrom(...ODD),
    fc.constantFrom('𝕏'.repeat(max), '\u0001'.repeat(max), 'Z'.repeat(max)),
    fc
      .string({ unit: 'binary', maxLength: max })
      .map((any) => `x${any.replaceAll('\0', '').toWellFormed()}`.slice(0, max).toWellFormed()),
  )
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })
const maybeText = (max: number) => maybe(text(max))
const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const tags = fc.uniqueArray(text(50), { maxLength: 5 })
const amount = fc.constantFrom('0', '0.01', '99999999999999.99', '12000.5')

let rosa: Account
let api: Program
let clientId: number
let contactId: number
let numbers = 0

const nouns = {
  clients: {
    table: 'clients',
    schema: 'Client',
    list: clientList,
    body: fc.record({
      name: text(200),
      description: maybeText(20_000),
      phone: maybeText(50),
      address: maybeText(1_000),
      contactPerson: maybeText(200),
      email: maybe(fc.constantFrom('a@b.example.com', "o'hara+x@b.example.com")),
      tags,
    }),
  },
  contacts: {
    table: 'contacts',
    schema: 'Contact',
    list: contactList,
    body: fc
      .record({
        firstName: text(100),
        lastName: text(100),
        phone: maybeText(50),
        mobile: maybeText(50),
        notes: maybeText(20_000),
        tags,
      })
      .map((body) => ({ ...body, clientId })),
  },
  communications: {
    table: 'contact_communications',
    schema: 'Communication',
    list: communicationList,
    body: fc
      .record({
        type: fc.constantFrom(...COMMUNICATION_TYPES),
        subject: maybeText(500),
        content: maybeText(20_000),
        communicationDate: day.map((date) => `${date}T23:59:59.999-14:00`),
        followUpDate: maybe(day),
      })
      .map((body) => ({ ...body, contactId })),
  },
  projects: {
    table: 'projects',
    schema: 'Project',
    list: projectList,
    body: fc
      .record({ name: text(200), description: maybeText(20_000), startDate: maybe(day) })
      .map((body) => ({ ...body, clientId })),
  },
  quotes: {
    table: 'quotes',
    schema: 'Quote',
    list: quoteList,
    body: fc
      .record({
        number: text(40),
        title: text(200),
        total: maybe(amount),
        validUntil: maybe(day),
        notes: maybeText(20_000),
      })
      .map((body) => ({ ...body, number: `${body.number.slice(0, 40).toWellFormed()}${(numbers += 1)}`, clientId })),
  },
} as const

beforeAll(async () => {
  rosa = await makeUser({ timeZone: 'Pacific/Kiritimati' })
  api = await program(rosa)
  clientId = (await makeClient(as(rosa))).id
  contactId = (await makeContact(as(rosa), clientId)).id
})

describe.each(Object.entries(nouns))('%s', (noun, { schema, table, list, body }) => {
  const stored = new Map<number, unknown>()

  test('whatever can be stored is read as it was stored', async () => {
    for (const sent of fc.sample<Fields>(body, RECORDS)) {
      const made = await api.send('post', `/${noun}`, sent)
      expect([made.status, made.body], JSON.stringify(sent).slice(0, 300)).toEqual([201, expect.anything()])
      const { id } = made.body as { id: number }
      const read = await api.get(`/${noun}/${id}`)
      expect(fits(`components/schemas/${schema}`, read.body)).toBe(true)
      expect(read.body).toEqual(made.body)
      for (const [field, value] of Object.entries(sent))
        if (typeof value === 'string' && !/Date|total|validUntil/.test(field))
          expect((read.body as Fields)[field] ?? '', field).toBe(value.trim())
      stored.set(id, read.body)
    }
    expect(stored.size).toBe(RECORDS)
  })

  test.each(Object.keys(list.sorts).flatMap((sort) => [sort, `-${sort}`]))(
    'all of it is listed by %s, each once',
    async (sort) => {
      const listed = new Map<number, unknown>()
      let rows = 0
      for (let cursor: string | null = ''; cursor !== null;) {
        const answer = await api.get(`/${noun}?sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}`)
        expect([answer.status, answer.body]).toEqual([200, expect.anything()])
        const page = answer.body as Page
        for (const record of page.data) listed.set(record.id, record)
        rows += page.data.length
        cursor = page.next
      }

      expect(rows).toBe(listed.size)
      for (const [id, record] of stored) expect(listed.get(id)).toEqual(record)
    },
  )

  test('any text can be searched for', async () => {
    for (const odd of ODD) {
      const { status } = await api.get(`/${noun}?q=${encodeURIComponent(odd)}`)
      expect([status, odd]).toEqual([200, odd])
    }
  })

  test('a webhook tells the same of it', async () => {
    for (const [id, record] of stored) {
      const [change] = await db.query<Told>(sql`
        SELECT ${told} FROM (
          SELECT gen_random_uuid() AS event_id, 'x.created' AS type, now() AS occurred_at, ${table}::text AS table_name, ${id}::int AS record_id,
                 (SELECT max(id) FROM changes WHERE table_name = ${table} AND record_id = ${id}) AS change_id) d ${tellers}`)
      const { data } = JSON.parse(bodyOf(change as Told)) as { data: unknown }
      expect(data).toEqual(record)
    }
  })
})
