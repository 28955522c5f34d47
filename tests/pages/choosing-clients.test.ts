import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient, updateClient } from '../../src/features/clients/commands.ts'
import { CLIENT_OPTIONS } from '../../src/features/clients/queries.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeLead } from '../support/records.ts'

let scope: Scope
let rosa: Visitor
let last: number

/** More clients than a select holds; the last of them by name is the one to be found. */
beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa' })
  scope = as(account)
  rosa = await browse(account)
  await inTransaction(scope, async (scope) => {
    for (let index = 0; index < CLIENT_OPTIONS + 5; index++)
      await makeClient(scope, { name: `Client ${String(index).padStart(3, '0')}`, ownerId: account.id })
    last = (await makeClient(scope, { name: 'Zürich Optik & Söhne', ownerId: account.id })).id
  })
  await makeContact(scope, last, { firstName: 'Ada', lastName: 'Byron' })
})

describe('clients to choose from while one types', () => {
  const ask = async (visitor: Visitor, q: string) =>
    (await visitor.get(`/clients/options?q=${encodeURIComponent(q)}`)).body as {
      options: { label: string }[]
      said: string
    }

  test('are found by any of their words, without case and accents, in any order', async () => {
    expect(await ask(rosa, 'optik zurich')).toEqual({
      options: [{ value: last, label: 'Zürich Optik & Söhne' }],
      said: '1 client found',
    })
  })

  test('are the first by name when nothing was typed, and it is said that there are more', async () => {
    const { options, said } = await ask(rosa, '')

    expect(options.map(({ label }) => label).slice(0, 2)).toEqual(['Client 000', 'Client 001'])
    expect([options.length, said]).toEqual([20, 'More than 20 clients; type more to narrow them down'])
  })

  test('are first the one of that name, then those that begin with it', async () => {
    const client = await makeClient(scope, { name: 'Adler' })
    await makeClient(scope, { name: 'Adler & Co' })
    await makeClient(scope, { name: 'A. Adler' })

    const { options } = await ask(rosa, 'ADLER')

    expect(options.map(({ label }) => label)).toEqual(['Adler', 'Adler & Co', 'A. Adler'])
    expect(options[0]).toEqual({ value: client.id, label: 'Adler' })
  })

  test.each(['%', '_', '\\', '\0x', 'x'.repeat(5_000), '\ud800'.toWellFormed(), "';--"])(
    'are none for %j',
    async (q) => {
      expect(await ask(rosa, q)).toEqual({ options: [], said: 'No client found' })
    },
  )

  test('are those the reader may see, active and not archived', async () => {
    const own = await browse(await makeUser({ visibility: 'own', locale: 'de' }))
    const gone = await makeClient(scope, { name: 'Vanished' })
    await archiveClient(scope, gone.id)
    const idle = await makeClient(scope, { name: 'Vacant' })
    await updateClient(scope, idle.id, { status: 'inactive' })

    expect(await ask(own, 'client')).toEqual({ options: [], said: 'Kein Kunde gefunden' })
    expect((await ask(rosa, 'va')).options).toEqual([])
  })
})

describe('without scripts the select is narrowed first', () => {
  test('in the form of a deal, where what was typed is kept', async () => {
    const fields = formFields(await rosa.get('/deals/create'), '/deals/create')
    expect(fields).toHaveProperty('clientSearch', '')

    const answer = await rosa.post('/deals/create', { ...fields, name: 'Kept', clientSearch: 'optik', step: 'client' })

    expect(answer.status).toBe(422)
    const narrowed = /<select[^>]* name="clientId"[\s\S]*?<\/select>/.exec(answer.text)?.[0] ?? ''
    expect(narrowed.match(/<option/g)).toHaveLength(2)
    expect(narrowed).toContain('Zürich Optik &amp; Söhne')
    expect(formFields(answer, '/deals/create')).toMatchObject({ name: 'Kept', clientSearch: 'optik' })
  })

  test.each(['convert-to-client', 'convert-to-deal'])('when a lead is converted: %s', async (page) => {
    const { id } = await makeLead(scope, { lastName: 'Sommer', companyName: 'Nobody knows' })
    const path = `/leads/${id}/${page}`
    const fields = { ...formFields(await rosa.get(path), path), client: 'existing', contact: 'new', lastName: 'Kept' }

    const narrowed = await rosa.post(path, { ...fields, clientSearch: 'optik', step: 'client' })
    expect(narrowed.status).toBe(422)
    expect(narrowed.text).toContain(`<option value="${last}">Zürich Optik &amp; Söhne</option>`)
    expect(narrowed.text).not.toContain('Client 000')

    const chosen = await rosa.post(path, {
      ...formFields(narrowed, path),
      client: 'existing',
      clientId: String(last),
      contact: 'new',
      step: 'client',
    })
    expect(formFields(chosen, path)).toMatchObject({ clientId: String(last), lastName: 'Kept' })
    expect(chosen.text).toContain('Ada Byron')

    const done = await rosa.post(path, { ...formFields(chosen, path), client: 'existing', contact: 'none' })
    expect(done.status).toBe(303)
  })

  test.each(['1.5', '99999999999', '-1', 'x', '1e3', ''])(
    'and a client that is none is no error: %j',
    async (clientId) => {
      const { id } = await makeLead(scope)
      const path = `/leads/${id}/convert-to-deal`
      const fields = formFields(await rosa.get(path), path)

      expect((await rosa.post(path, { ...fields, clientId, client: 'existing', step: 'client' })).status).toBe(422)
    },
  )
})
