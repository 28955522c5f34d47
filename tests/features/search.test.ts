import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { clientList } from '../../src/features/clients/list.ts'
import { communicationList } from '../../src/features/communications/list.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { contactList } from '../../src/features/contacts/list.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { archiveLead } from '../../src/features/leads/commands.ts'
import { leadList } from '../../src/features/leads/list.ts'
import { search } from '../../src/features/search/queries.ts'
import { COUNT_BOUND, KINDS, readAsked } from '../../src/features/search/schema.ts'
import { MIGRATIONS } from '../../src/platform/database/migrate.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ role: 'admin', name: 'Rosa' }))
})

async function look(q: string, scope: Scope = rosa, limit = 10) {
  const asked = readAsked(q)
  if (!asked) throw new Error('nothing was asked')
  return search(scope, asked, limit)
}

/** The names found, of all kinds, in the order of the page. */
async function names(q: string, scope: Scope = rosa): Promise<(string | null)[]> {
  const { groups } = await look(q, scope)
  return KINDS.flatMap((kind) => groups[kind].rows.map(({ name }) => name))
}

describe('one search finds', () => {
  beforeAll(async () => {
    const client = await makeClient(rosa, {
      name: 'Müßig & Söhne Fördertechnik',
      email: 'kontakt@muessig.example.com',
      phone: '030 / 123 45-67',
      website: 'https://muessig.example.com',
    })
    const contact = await makeContact(rosa, client.id, {
      firstName: 'Zoë',
      lastName: 'Weißgärber',
      email: 'z.weiss+rechnung@muessig.example.com',
      mobile: '+49 (171) 555 66 77',
      title: 'Einkauf',
    })
    await makeLead(rosa, {
      firstName: 'José',
      lastName: 'Łukasz',
      companyName: '50% Markt_Halle',
      email: 'jose@markt.example.org',
      phone: '+33 1 70 18 99 00',
    })
    await makeDeal(rosa, { name: 'Hochregal 🚚 für Halle 7', clientId: client.id })
    await makeCommunication(rosa, contact.id, {
      subject: 'Wartungsvertrag',
      content: 'Sie möchten die Kündigungsfrist vom Steuerberater prüfen lassen.',
    })
    await makeClient(rosa, { name: 'A 500 B Markthalle' })
  })

  test.each([
    ['a full name', 'Zoë Weißgärber', 'Zoë Weißgärber'],
    ['its words in another order', 'weißgärber zoë', 'Zoë Weißgärber'],
    ['without case and accents', 'ZOE weissgarber', 'Zoë Weißgärber'],
    ['with accents where there are none', 'zöé', 'Zoë Weißgärber'],
    ['ß as ss, ü as u', 'mussig', 'Müßig & Söhne Fördertechnik'],
    ['letters that are none with an accent', 'jose lukasz', 'José Łukasz'],
    ['the middle of a word', 'ördertech', 'Müßig & Söhne Fördertechnik'],
    ['words of different fields', 'łukasz markt', 'José Łukasz'],
    ['a person by where they work', 'zoe fördertechnik', 'Zoë Weißgärber'],
    ['a deal by its client', 'hochregal söhne', 'Hochregal 🚚 für Halle 7'],
    ['a communication by its content', 'kündigungsfrist', 'Wartungsvertrag'],
    ['a communication by its contact', 'wartungsvertrag weissgarber', 'Wartungsvertrag'],
    ['part of an e-mail address', 'z.weiss+rechnung@', 'Zoë Weißgärber'],
    ['the domain of one', '@markt.example', 'José Łukasz'],
    ['a telephone number', '030 / 123 45-67', 'Müßig & Söhne Fördertechnik'],
    ['one written otherwise', '03012345 67', 'Müßig & Söhne Fördertechnik'],
    ['one with its country', '+49 30 1234567', 'Müßig & Söhne Fördertechnik'],
    ['one dialled from abroad', '0049-30-1234567', 'Müßig & Söhne Fördertechnik'],
    ['a mobile number as at home', '0171 5556677', 'Zoë Weißgärber'],
    ['some of its digits', '55566', 'Zoë Weißgärber'],
    ['a number together with a name', 'zoe 0171 555', 'Zoë Weißgärber'],
    ['% as it is', '50%', 'José Łukasz'],
    ['_ as it is', 'markt_h', 'José Łukasz'],
    ['an emoji', '🚚', 'Hochregal 🚚 für Halle 7'],
    ['two letters', 'łu', 'José Łukasz'],
    ['the last name and a comma', 'Weißgärber, Zoë', 'Zoë Weißgärber'],
    ['commas and no spaces', 'hochregal,halle;söhne', 'Hochregal 🚚 für Halle 7'],
    ['words in brackets', '(Wartungsvertrag)', 'Wartungsvertrag'],
    ['words in quotation marks', '"jose łukasz" „markt“', 'José Łukasz'],
    ['a number with a comma behind it', '(0171) 555 66-77, Zoë', 'Zoë Weißgärber'],
  ])('%s', async (_, q, name) => {
    expect(await names(q)).toContain(name)
  })

  test.each([
    ['without vowel signs', 'مُحَمَّد', 'محمد'],
    ['with vowel signs where there are none', 'عمر', 'عُمَر'],
    ['in Hebrew', 'עִבְרִית', 'עברית'],
    ['a letter and its accent as one sign', 'Йод', 'и\u0306од'],
    ['as two signs', 'и\u0306огурт', 'йогурт'],
    ['Greek capitals that end in the middle of a word', 'Κώστας', 'ΚΩΣ'],
    ['and at its end', 'Ορέστης', 'ΟΡΕΣΤΗΣ'],
    ['syllables, which are no accents', '이서연', '서연'],
    ['a slip in another script', 'Йогансен', 'йогнасен'],
  ])('letters of any script: %s', async (_, lastName, q) => {
    await makeLead(rosa, { firstName: 'Kim', lastName })

    expect(await names(q)).toContain(`Kim ${lastName}`)
  })

  test('what was written before texts were folded so, of which nobody learns', async () => {
    const lead = await makeLead(rosa, { firstName: 'Kim', lastName: 'يُونُس' })
    const client = await db.pool.connect()
    try {
      await client.query('BEGIN')
      const migration = (name: string) => readFileSync(join(MIGRATIONS, name, 'migration.sql'), 'utf8')
      const stored = `SELECT to_jsonb(l) - 'search_text' AS rest, search_text LIKE '%يونس%' AS is_found FROM leads l WHERE id = ${lead.id}`
      await client.query(
        migration('20261122000001_search_functions')
          .replaceAll(/CREATE EXTENSION.*/g, '')
          .replaceAll('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'),
      )
      await client.query(`SELECT set_config('dealwright.actor', 'system', true)`)
      await client.query(`UPDATE leads SET last_name = last_name WHERE id = ${lead.id}`)
      const read = async () => (await client.query<{ rest: unknown; is_found: boolean }>(stored)).rows[0]
      const before = await read()
      await client.query(migration('20261122000034_search_folding'))

      expect(before?.is_found).toBe(false)
      expect(await read()).toEqual({ rest: before?.rest, is_found: true })
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  })

  test('what has letters in it is no telephone number', async () => {
    // Müßig & Söhne can be called at 030 1234567.
    expect(await names('1234567')).toContain('Müßig & Söhne Fördertechnik')
    expect(await names('order1234567')).toEqual([])
    expect(await names('person123@4567.example')).toEqual([])
  })

  test('only what has all the words', async () => {
    expect(await names('zoe lukasz')).toEqual([])
  })

  test('% and _ and \\ as themselves, not as anything', async () => {
    expect(await names('50%')).not.toContain('A 500 B Markthalle')
    expect(await names('markt_halle')).toEqual(['José Łukasz'])
    expect(await names('\\')).toEqual([])
  })

  test.each([
    'x'.repeat(10_000),
    `${'a '.repeat(5_000)}`,
    '\0',
    '\0zoe',
    '\ud83d',
    "' OR 1=1 --",
    '+',
    '((((',
    '1 2',
    '🚚🚚',
  ])('whatever is typed: %#', async (q) => {
    const asked = readAsked(q)
    if (asked) await expect(search(rosa, asked, 10)).resolves.toBeDefined()
  })

  test('nothing to look for is no search', () => {
    expect([readAsked(''), readAsked('  '), readAsked('\0'), readAsked(undefined), readAsked(['a'])]).toEqual(
      Array(5).fill(null),
    )
  })

  test.each(['zoe', 'muessig', 'halle', '030 123', '@', 'a', 'söhne 7', '🚚', '%', 'vertrag'])(
    '%s: as many as the lists find',
    async (q) => {
      const { groups } = await look(q)
      const lists = {
        clients: clientList,
        contacts: contactList,
        leads: leadList,
        deals: dealList,
        communications: communicationList,
      }
      for (const kind of KINDS) {
        const list = lists[kind] as typeof clientList
        const { total } = await list.fetch(rosa, list.parse({ q }))
        expect([kind, groups[kind].count]).toEqual([kind, total.count])
      }
    },
  )
})

describe('the order of what is found', () => {
  test('is the name itself, names that begin with it, words that begin with it, then the rest', async () => {
    for (const name of ['Unortrans', 'Nord Ortrans Handel', 'Ortrans Berlin', 'Ortrans'])
      await makeClient(rosa, { name })

    expect(await names('ortrans')).toEqual(['Ortrans', 'Ortrans Berlin', 'Nord Ortrans Handel', 'Unortrans'])
  })

  test('knows a name with marks around its words, with and without them', async () => {
    const client = await makeClient(rosa, { name: 'Brock' })
    for (const name of ['Yahoo!', 'Yahoo (Nord)', 'Yahoo Nord', 'Yahoo Nord AG']) await makeClient(rosa, { name })
    for (const firstName of ['Jean', 'Anna Brock Jean'])
      await makeContact(rosa, client.id, { firstName, lastName: 'Brock' })

    expect((await names('Yahoo (Nord)')).slice(0, 2)).toEqual(['Yahoo Nord', 'Yahoo (Nord)'])
    expect((await names('Yahoo!'))[0]).toBe('Yahoo!')
    expect((await look('brock, jean')).groups.contacts.rows[0]?.name).toBe('Jean Brock')
  })

  test('is the newer first among equals', async () => {
    for (const name of ['Quendel 1', 'Quendel 2', 'Quendel 3']) await makeClient(rosa, { name })

    expect(await names('quendel')).toEqual(['Quendel 3', 'Quendel 2', 'Quendel 1'])
  })

  test('puts what has the word before what belongs to it, and takes names in either order', async () => {
    const client = await makeClient(rosa, { name: 'Tannhof' })
    await makeContact(rosa, client.id, { firstName: 'Theo', lastName: 'Tannhof' })
    await makeContact(rosa, client.id, { firstName: 'Ada', lastName: 'Lenz' })
    await makeContact(rosa, client.id, { firstName: 'Theo Maria', lastName: 'Tannhof' })

    expect((await look('tannhof')).groups.contacts.rows.map(({ name }) => name)).toEqual([
      'Theo Maria Tannhof',
      'Theo Tannhof',
      'Ada Lenz',
    ])
    expect((await look('tannhof theo')).groups.contacts.rows[0]?.name).toBe('Theo Tannhof')
  })

  test('what has the word itself, and what belongs to such, are counted once each and all', async () => {
    const client = await makeClient(rosa, { name: 'Quetzalwerk' })
    for (let index = 0; index < 15; index += 1) await makeDeal(rosa, { name: `Angebot ${index}`, clientId: client.id })
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 210; index += 1)
        await makeDeal(scope, { name: index < 184 ? `Anderes ${index}` : `Quetzalwerk ${index}` })
    })

    const { groups } = await look('quetzalwerk')

    // Twenty-six among the newest, fifteen behind them by their client alone.
    expect(groups.deals.count).toBe(41)
  })

  test('knows the very name among many that begin with it, and then the newest', async () => {
    await makeClient(rosa, { name: 'Ganzgleich' })
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 60; index += 1) await makeClient(scope, { name: `Ganzgleich Ahaus ${index}` })
      for (let index = 0; index < 210; index += 1) await makeClient(scope, { name: `Jünger ${index}` })
    })

    const { groups } = await look('ganzgleich')

    expect(groups.clients.count).toBe(COUNT_BOUND + 1)
    expect(groups.clients.rows.map(({ name }) => name).slice(0, 3)).toEqual([
      'Ganzgleich',
      'Ganzgleich Ahaus 59',
      'Ganzgleich Ahaus 58',
    ])
  })

  test('knows the name itself among more than is gone through', async () => {
    await inTransaction(rosa, async (scope) => {
      await makeClient(scope, { name: 'Vielfach' })
      for (let index = 0; index < 1_100; index += 1) await makeClient(scope, { name: `Die ${index}. Vielfach Gruppe` })
    })

    const { groups } = await look('vielfach')

    expect(groups.clients.rows[0]?.name).toBe('Vielfach')
    expect(groups.clients.count).toBe(COUNT_BOUND + 1)
    // A rare word is found behind them all, as is a short one where a word begins.
    await makeClient(rosa, { name: 'Xq Letzte' })
    expect(await names('3. vielfach gruppe die 1003')).toEqual(['Die 1003. Vielfach Gruppe'])
    expect(await names('Die 0. vielfach')).toEqual(expect.arrayContaining(['Die 0. Vielfach Gruppe']))
  })
})

describe('however much that is newer is found by what it belongs to', () => {
  const known = (kind: 'contacts' | 'leads' | 'deals') => async (q: string) => {
    const group = (await look(q)).groups[kind]
    expect(group.count).toBe(COUNT_BOUND + 1)
    return group.rows.map(({ name }) => name)
  }

  test('a deal comes first whose own name has the word', async () => {
    await makeDeal(rosa, { name: 'Neuer Kranbau' })
    const client = await makeClient(rosa, { name: 'Kranbau Meyer AG' })
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 130; index += 1)
        await makeDeal(scope, { name: `Auftrag ${index}`, clientId: client.id })
    })

    expect((await known('deals')('kranbau'))[0]).toBe('Neuer Kranbau')
    // Some of the newest, too, and others behind the first few hundred.
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 3; index += 1) await makeDeal(scope, { name: `Teile für Kranbau ${index}` })
    })
    expect((await known('deals')('kranbau')).slice(0, 4)).toEqual([
      'Teile für Kranbau 2',
      'Teile für Kranbau 1',
      'Teile für Kranbau 0',
      'Neuer Kranbau',
    ])
  })

  test('so does who is called so, in either order', async () => {
    const elsewhere = await makeClient(rosa, { name: 'Other Co' })
    await makeContact(rosa, elsewhere.id, { firstName: 'John', lastName: 'Smith' })
    await makeContact(rosa, elsewhere.id, { firstName: 'Wang', lastName: 'Xu' })
    const [industries, sons, xu] = [
      await makeClient(rosa, { name: 'Smith Industries' }),
      await makeClient(rosa, { name: 'John Smith and Sons' }),
      await makeClient(rosa, { name: 'Xu Wa' }),
    ]
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 70; index += 1)
        for (const { id } of [industries, sons, xu]) await makeContact(scope, id, { lastName: `Nobody ${index}` })
    })

    expect((await known('contacts')('smith john'))[0]).toBe('John Smith')
    expect((await known('contacts')('john smith'))[0]).toBe('John Smith')
    expect((await known('contacts')('xu'))[0]).toBe('Wang Xu')
  })

  test('and who is called so among those whose company is', async () => {
    await makeLead(rosa, { firstName: 'Anna', lastName: 'Quarz' })
    await makeLead(rosa, { firstName: 'Anna Lea', lastName: 'Quarz' })
    await makeLead(rosa, { firstName: 'Anna', lastName: 'zu Quarz' })
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 140; index += 1)
        await makeLead(scope, { lastName: `Nobody ${index}`, companyName: 'Anna Lea zu Quarz Holding' })
    })

    expect((await known('leads')('quarz anna'))[0]).toBe('Anna Quarz')
    expect((await known('leads')('quarz anna lea'))[0]).toBe('Anna Lea Quarz')
    expect((await known('leads')('zu quarz anna'))[0]).toBe('Anna zu Quarz')
  })
})

describe('one slip of the finger', () => {
  beforeAll(async () => {
    const client = await makeClient(rosa, { name: 'Brandenburger Spedition' })
    await makeContact(rosa, client.id, { firstName: 'Ingeborg', lastName: 'Achterberg' })
    await makeLead(rosa, { firstName: 'Kim', lastName: 'Oyelaran', companyName: 'Acme' })
  })

  test.each([
    ['a letter wrong', 'achterbarg', 'Ingeborg Achterberg'],
    ['one missing', 'achtrberg', 'Ingeborg Achterberg'],
    ['one too many', 'achterrberg', 'Ingeborg Achterberg'],
    ['two swapped', 'brandneburger', 'Brandenburger Spedition'],
    ['the first one wrong', 'vrandenburger', 'Brandenburger Spedition'],
    ['in one of two words', 'ingeborg achterbreg', 'Ingeborg Achterberg'],
    ['with an accent beside it', 'Öyelaram', 'Kim Oyelaran'],
    ['in a short word', 'acne', 'Kim Oyelaran'],
  ])('%s is forgiven, and said', async (_, q, name) => {
    const found = await look(q)

    expect(found.isNear).toBe(true)
    expect(KINDS.flatMap((kind) => found.groups[kind].rows.map((row) => row.name))).toContain(name)
  })

  test('with a word of what it belongs to beside it, however old', async () => {
    const client = await makeClient(rosa, { name: 'Harrowgate Farms' })
    const contact = await makeContact(rosa, client.id, { firstName: 'Ada', lastName: 'Lindqvist' })
    await makeCommunication(rosa, contact.id, { subject: 'Ten tractors' })
    await makeDeal(rosa, { name: 'Ten tractors', clientId: client.id })

    const found = () =>
      Promise.all(['tracotrs Harrowgate', 'tracotrs Lindqvist', 'Lindqvits farms'].map((q) => names(q)))
    const expected = [['Ten tractors', 'Ten tractors'], ['Ten tractors'], ['Ada Lindqvist']]
    expect(await found()).toEqual(expected)
    await inTransaction(rosa, async (scope) => {
      for (let index = 0; index < 110; index += 1) {
        await makeDeal(scope, { name: `Newer ${index}` })
        await makeCommunication(scope, contact.id, { subject: `Newer ${index}` })
      }
    })
    expect(await found()).toEqual(expected)
  })

  test('two are not, nor one in three letters', async () => {
    expect(await names('achtrbreg')).toEqual([])
    expect(await names('kjm')).toEqual([])
  })

  test('is not looked for while there is something exact', async () => {
    await makeLead(rosa, { firstName: 'Kim', lastName: 'Achterbarg' })

    expect(await look('achterbarg')).toMatchObject({ isNear: false, count: 1 })
  })
})

describe('who searches finds what is theirs to see', () => {
  test('own, team and all', async () => {
    const team = await makeTeam('Search team')
    const mia = await makeUser({ role: 'member', visibility: 'own', teamId: team })
    const tom = await makeUser({ role: 'member', visibility: 'team', teamId: team })
    const zed = await makeUser({ role: 'viewer', visibility: 'all' })
    for (const ownerId of [mia.id, tom.id, null, rosa.user.id]) {
      const client = await makeClient(rosa, { name: `Xz Sichtweite ${ownerId}`, ownerId })
      const contact = await makeContact(rosa, client.id, { lastName: `Xz Sichtweite ${ownerId}` })
      await makeCommunication(rosa, contact.id, { subject: `Xz Sichtweite ${ownerId}` })
      await makeLead(rosa, { lastName: `Xz Sichtweite ${ownerId}`, ownerId })
      await makeDeal(rosa, { name: `Xz Sichtweite ${ownerId}`, ownerId })
    }
    const counts = async (scope: Scope, q: string) => {
      const { groups } = await look(q, scope)
      return KINDS.map((kind) => groups[kind].count)
    }

    for (const q of ['sichtweite', 'sichtweiet', 'xz']) {
      expect([q, await counts(as(mia), q)]).toEqual([q, [2, 2, 2, 2, 2]])
      expect([q, await counts(as(tom), q)]).toEqual([q, [3, 3, 3, 3, 3]])
      expect([q, await counts(as(zed), q)]).toEqual([q, [4, 4, 4, 4, 4]])
    }
  })

  test('archived records are left out', async () => {
    const client = await makeClient(rosa, { name: 'Vergangen' })
    const contact = await makeContact(rosa, client.id, { lastName: 'Vergangen' })
    const lead = await makeLead(rosa, { lastName: 'Vergangen' })
    const deal = await makeDeal(rosa, { name: 'Vergangen' })
    expect(await names('vergangen')).toHaveLength(4)

    await archiveContact(rosa, contact.id)
    await archiveClient(rosa, client.id, { confirmed: true })
    await archiveLead(rosa, lead.id)
    await archiveDeal(rosa, deal.id)

    expect(await names('vergangen')).toEqual([])
    expect(await names('vergangne')).toEqual([])
  })
})

test('a search is one statement, two when nothing has the words', async () => {
  expect(await queriesOf(() => look('zoe'))).toHaveLength(1)
  expect(await queriesOf(() => look('nobodyhasthis at all'))).toHaveLength(2)
})
