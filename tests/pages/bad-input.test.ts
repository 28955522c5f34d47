import { beforeAll, describe, expect, test } from 'vitest'
import sql from 'sql-template-tag'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { errorsLogged } from '../support/log.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead, makeProject, makeQuote } from '../support/records.ts'

/** What can be sent to a field of each kind that is not to be stored. */
const TEXT = { NUL: 'a\0b', twice: ['a', 'b'] }
const required = { ...TEXT, nothing: '', spaces: ' \t ' }
const long = (length: number) => ({
  'too long': 'x'.repeat(length + 1),
  'too long in four bytes': '𝔛'.repeat(length + 1),
})
const IDS = {
  zero: '0',
  negative: '-1',
  'beyond any id': '2147483648',
  huge: '9'.repeat(400),
  letters: 'abc',
  fraction: '1.5',
  exponent: '1e1',
  hexadecimal: '0x1',
  'nobody’s': '2147483647',
  twice: ['1', '2'],
  'full-width digits': '１',
}
const AMOUNTS = {
  negative: '-1',
  exponent: '1e3',
  'not a number': 'NaN',
  infinite: 'Infinity',
  hexadecimal: '0x10',
  'full-width digits': '１２',
  'Arabic digits': '١٢',
  'too large': '999999999999999',
  'too many decimals': '1.001',
  'two marks': '1.234,56',
  'thousands with a comma': '1,234',
  'a bare mark': '.',
  words: 'lots',
  twice: ['1', '2'],
  NUL: '1\0',
}
const PERCENTS = {
  negative: '-1',
  'above 100': '101',
  fraction: '1.5',
  exponent: '1e1',
  huge: '9'.repeat(400),
  hexadecimal: '0x10',
  'not a number': 'NaN',
  'full-width digits': '５０',
  sign: '+5',
  twice: ['1', '2'],
}
const DAYS = {
  'no such day': '2026-02-30',
  'another order': '30.01.2026',
  'a year of five digits': '12026-01-01',
  'a year nobody means': '0000-01-01',
  'with a time': '2026-01-01T10:00',
  words: 'tomorrow',
  twice: ['2026-01-01', '2026-01-02'],
  NUL: '2026-01-01\0',
}
const CURRENCIES = {
  nothing: '',
  unknown: 'XXX',
  'small letters': 'eur',
  words: 'Euro',
  twice: ['EUR', 'USD'],
  NUL: 'EU\0',
}
const CHOICES = { unknown: 'sideways', twice: ['a', 'b'], NUL: 'new\0', 'of the prototype': '__proto__' }
const EMAILS = {
  'no at': 'nobody',
  'no dot': 'a@b',
  'two at': 'a@b@c.de',
  'too long': `${'a'.repeat(197)}@b.de`,
  ...TEXT,
}
const TAGS = {
  'too long': 'y'.repeat(51),
  'too many': Array.from({ length: 21 }, (_, n) => `t${n}`).join(','),
  NUL: 'a\0',
}

type Bad = Readonly<Record<string, string | readonly string[]>>
interface Case {
  path: string
  fields: Readonly<Record<string, Bad>>
  /** Sent with it, so that what is wrong counts. */
  with?: Readonly<Record<string, string>>
}

let visitor: Visitor
const cases: Record<string, () => Promise<Case>> = {}
const account = await makeUser({ name: 'Rosa' })
const rosa = as(account)

beforeAll(async () => {
  visitor = await browse(account)
})

const leadFields = {
  firstName: { ...required, ...long(100) },
  lastName: { ...required, ...long(100) },
  companyName: { ...TEXT, ...long(200) },
  title: { ...TEXT, ...long(100) },
  source: { ...TEXT, ...long(100) },
  phone: { ...TEXT, ...long(50) },
  email: EMAILS,
  score: PERCENTS,
  estimatedValue: AMOUNTS,
  currencyCode: CURRENCIES,
  ownerId: IDS,
  tags: TAGS,
  notes: { ...TEXT, ...long(20_000) },
  status: { ...CHOICES, 'a verb’s': 'lost', 'another verb’s': 'converted', nothing: '' },
}
const dealFields = {
  name: { ...required, ...long(200) },
  clientId: IDS,
  contactId: IDS,
  relatedProjectId: IDS,
  relatedQuoteId: IDS,
  value: AMOUNTS,
  currencyCode: CURRENCIES,
  stage: { ...CHOICES, closed: 'closed_won', capital: 'Proposal', 'too long': 's'.repeat(60), nothing: '' },
  probability: PERCENTS,
  expectedCloseDate: DAYS,
  ownerId: IDS,
  tags: TAGS,
  description: { ...TEXT, ...long(20_000) },
  notes: { ...TEXT, ...long(20_000) },
}
const contactFields = {
  firstName: { ...required, ...long(100) },
  lastName: { ...required, ...long(100) },
  email: EMAILS,
  phone: { ...TEXT, ...long(50) },
  title: { ...TEXT, ...long(100) },
}

cases['a new lead'] = async () => ({
  path: '/leads/create',
  with: { firstName: 'Kept', lastName: 'Typed' },
  fields: leadFields,
})
cases['a lead'] = async () => ({ path: `/leads/${(await makeLead(rosa)).id}/edit`, fields: leadFields })
cases['a lost lead'] = async () => ({
  path: `/leads/${(await makeLead(rosa)).id}/mark-lost`,
  fields: { lostReason: { ...required, ...long(500) } },
})
cases['a new deal'] = async () => {
  const client = await makeClient(rosa)
  return { path: '/deals/create', with: { name: 'Kept', clientId: String(client.id) }, fields: dealFields }
}
cases['a deal'] = async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const project = await makeProject(rosa, client.id)
  const quote = await makeQuote(rosa, client.id)
  const deal = await makeDeal(rosa, {
    clientId: client.id,
    contactId: contact.id,
    relatedProjectId: project.id,
    relatedQuoteId: quote.id,
  })
  return { path: `/deals/${deal.id}/edit`, fields: dealFields }
}
cases['a deal won'] = async () => ({
  path: `/deals/${(await makeDeal(rosa)).id}/close-won`,
  fields: { actualCloseDate: { ...DAYS, 'not yet': '2999-01-01' } },
})
cases['a deal lost'] = async () => ({
  path: `/deals/${(await makeDeal(rosa)).id}/close-lost`,
  with: { lossReason: 'Price' },
  fields: { actualCloseDate: { ...DAYS, 'not yet': '2999-01-01' }, lossReason: { ...required, ...long(500) } },
})
cases['a lead that becomes a new client'] = async () => ({
  path: `/leads/${(await makeLead(rosa)).id}/convert-to-client`,
  with: { client: 'new', contact: 'new' },
  fields: { client: CHOICES, contact: CHOICES, clientName: { ...required, ...long(200) }, ...contactFields },
})
cases['a lead that becomes a client we have'] = async () => {
  const client = await makeClient(rosa)
  await makeContact(rosa, client.id)
  return {
    path: `/leads/${(await makeLead(rosa)).id}/convert-to-client`,
    with: { client: 'existing', clientId: String(client.id), contact: 'existing' },
    fields: { clientId: { ...IDS, nothing: '' }, contactId: { ...IDS, nothing: '' } },
  }
}
cases['a lead that becomes a deal'] = async () => ({
  path: `/leads/${(await makeLead(rosa)).id}/convert-to-deal`,
  with: { client: 'new', contact: 'new' },
  fields: {
    ...contactFields,
    clientName: { ...required, ...long(200) },
    name: dealFields.name,
    value: AMOUNTS,
    currencyCode: CURRENCIES,
    stage: dealFields.stage,
    expectedCloseDate: DAYS,
  },
})

describe.each(Object.keys(cases))('bad input for %s', (name) => {
  test(
    'is refused at its field, what was typed is kept, nothing is stored, and nothing fails',
    { timeout: 60_000 },
    async () => {
      const { path, fields, with: given = {} } = await (cases[name] as () => Promise<Case>)()
      const opened = path.endsWith('/mark-lost') || path.includes('/close-') ? path.replace(/\/[^/]+$/, '') : path
      const untouched = formFields(await visitor.get(opened), path)
      const before = await stored()
      const wrong: string[] = []
      for (const [field, bad] of Object.entries(fields)) {
        for (const [what, value] of Object.entries(bad)) {
          const sent = { ...untouched, ...given, [field]: value }
          const answer = await visitor.post(path, sent)
          const said = new RegExp(
            `(name="${field}"[^>]*aria-invalid="true"|id="${field}"[^>]*aria-describedby="${field}-error")`,
          ).test(answer.text)
          if (answer.status !== 422 || !said)
            wrong.push(`${field}, ${what}: ${answer.status}${said ? '' : ', and not said at the field'}`)
          const kept = answer.status === 422 ? formFields(answer, path) : {}
          for (const [other, typed] of Object.entries({ ...untouched, ...given })) {
            // What belongs to a client cannot stay with one there is not.
            const falls = field === 'clientId' && /^(contact|contactId|relatedProjectId|relatedQuoteId)$/.test(other)
            if (other in kept && other !== field && other !== '_csrf' && !falls && kept[other] !== typed)
              wrong.push(`${field}, ${what}: ${other} was "${typed}" and became "${kept[other]}"`)
          }
        }
      }
      expect(wrong).toEqual([])
      expect(await stored()).toEqual(before)
      expect(errorsLogged).toEqual([])
    },
  )
})

/** Every version of everything: a row that came, went or changed shows. */
async function stored(): Promise<unknown> {
  const [row] = await db.query(sql`SELECT (SELECT count(*)::int FROM changes) AS changes`)
  return row
}
