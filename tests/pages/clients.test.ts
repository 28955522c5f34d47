import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient, updateClient } from '../../src/features/clients/commands.ts'
import { findClient } from '../../src/features/clients/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeClient, makeContact, makeDeal } from '../support/records.ts'

let account: Account
let scope: Scope
let rosa: Visitor

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa' })
  scope = as(account)
  rosa = await browse(account)
})

describe('creating a client', () => {
  test('leads to its page, which says so and shows what was typed', async () => {
    const fields = formFields(await rosa.get('/clients/create'), '/clients/create')
    const answer = await rosa.post('/clients/create', {
      ...fields,
      name: 'Harbour & Sons <Ltd>',
      website: 'www.harbour.example',
      contactPerson: 'Mrs Gatekeeper',
      phone: '+49 (30) 123-45',
      tags: 'north, key account',
    })

    expect(answer.status).toBe(303)
    const shown = await rosa.get(answer.headers.location as string)
    expect(shown.status).toBe(200)
    for (const words of [
      'The client was created.',
      'Harbour &amp; Sons &lt;Ltd&gt;',
      'href="https://www.harbour.example"',
      'Mrs Gatekeeper',
      'href="tel:+493012345"',
      'key account',
    ]) {
      expect(shown.text).toContain(words)
    }
    expect(shown.text).not.toMatch(/undefined|null|NaN|\[object/)
  })

  test('twice with the same form leads to the same client', async () => {
    const fields = { ...formFields(await rosa.get('/clients/create'), '/clients/create'), name: 'Pressed twice' }

    const [first, second] = [await rosa.post('/clients/create', fields), await rosa.post('/clients/create', fields)]

    expect(second.status).toBe(303)
    expect(second.headers.location).toBe(first.headers.location)
  })

  test('with bad input shows each message at its field and keeps what was typed', async () => {
    const answer = await rosa.post('/clients/create', {
      name: ' ',
      email: 'nobody',
      website: 'javascript:alert(1)',
      status: 'maybe',
      description: '<script>kept</script>',
    })

    expect(answer.status).toBe(422)
    for (const field of ['name', 'email', 'website', 'status']) expect(answer.text).toContain(`id="${field}-error"`)
    expect(answer.text).toContain('value="javascript:alert(1)"')
    expect(answer.text).toContain('&lt;script&gt;kept&lt;/script&gt;')
  })
})

describe('a client', () => {
  test('shows its contacts with the primary first, a way to manage them, and its deals', async () => {
    const { id } = await makeClient(scope, { name: 'Full Page' })
    await makeContact(scope, id, { firstName: 'Anna', lastName: 'Aalto' })
    await makeContact(scope, id, { firstName: 'Zoë', lastName: 'Zuse', isPrimary: true })
    await makeDeal(scope, { clientId: id, name: 'Cranes', value: '12000.5', currencyCode: 'EUR' })

    const shown = (await rosa.get(`/clients/${id}`)).text

    expect(shown.indexOf('Zoë Zuse')).toBeLessThan(shown.indexOf('Anna Aalto'))
    expect(shown).toContain(`href="/clients/${id}/contacts"`)
    expect(shown).toContain('Cranes')
    expect(shown).toContain('€12,000.50')
  })

  test('without anything says what to do next', async () => {
    const { id } = await makeClient(scope, { name: 'Empty Page' })

    const shown = (await rosa.get(`/clients/${id}`)).text

    expect(shown).toContain('Nobody here yet')
    expect(shown).toContain('No deals yet')
    expect(shown).not.toMatch(/undefined|>null|NaN|None/)
  })

  test('takes five queries for its page, with one contact as with thirty', async () => {
    const small = await makeClient(scope)
    const large = await makeClient(scope)
    for (let place = 0; place < 30; place += 1) await makeContact(scope, large.id, { lastName: `N${place}` })
    const ofPage = async (id: number) =>
      (await queriesOf(() => rosa.get(`/clients/${id}`))).filter(
        (statement) => !/'followUp' AS kind|"?sessions"?|SET TIME ZONE/.test(statement),
      ).length

    const counted = await ofPage(large.id)
    expect(counted).toBe(await ofPage(small.id))
    expect(counted).toBe(5)
  })

  test.each([
    '/clients/999999',
    '/clients/0',
    '/clients/abc',
    '/clients/99999999999',
    '/clients/999999/edit',
    '/clients/1e1',
  ])('that does not exist is a 404: %s', async (path) => {
    expect((await rosa.get(path)).status).toBe(404)
  })
})

describe('editing a client', () => {
  test('untouched changes nothing', async () => {
    const { id } = await makeClient(scope, {
      name: 'Untouched',
      description: 'Two\nlines',
      tags: ['a', 'b'],
      website: 'example.com',
    })
    const fields = formFields(await rosa.get(`/clients/${id}/edit`), `/clients/${id}/edit`)

    expect((await rosa.post(`/clients/${id}/edit`, fields)).headers.location).toBe(`/clients/${id}`)
    expect((await findClient(scope, id)).version).toBe(1)
  })

  test('saves what was changed', async () => {
    const { id } = await makeClient(scope, { name: 'Before', phone: '030 1' })
    const fields = formFields(await rosa.get(`/clients/${id}/edit`), `/clients/${id}/edit`)

    await rosa.post(`/clients/${id}/edit`, { ...fields, name: 'After', phone: '', tags: 'x, y' })

    expect(await findClient(scope, id)).toMatchObject({ name: 'After', phone: null, tags: ['x', 'y'], version: 2 })
  })

  test('what somebody else saved meanwhile answers 409 with both values, and saving again keeps what the form shows', async () => {
    const { id } = await makeClient(scope, { name: 'Shared' })
    const fields = formFields(await rosa.get(`/clients/${id}/edit`), `/clients/${id}/edit`)
    await updateClient(scope, id, { name: 'Saved by Emil' })

    const answer = await rosa.post(`/clients/${id}/edit`, { ...fields, name: 'Typed by Rosa' })

    expect(answer.status).toBe(409)
    expect(answer.text).toContain('Saved by Emil')
    expect(answer.text).toContain('value="Typed by Rosa"')
    await rosa.post(`/clients/${id}/edit`, formFields(answer, `/clients/${id}/edit`))
    expect((await findClient(scope, id)).name).toBe('Typed by Rosa')
  })

  test('tells of a conflict over choices in words', async () => {
    const emil = await makeUser({ name: 'Emil Sommer' })
    const { id } = await makeClient(scope, { name: 'Fought over' })
    const fields = formFields(await rosa.get(`/clients/${id}/edit`), `/clients/${id}/edit`)
    await updateClient(scope, id, { ownerId: emil.id, status: 'inactive' })

    const { text } = await rosa.post(`/clients/${id}/edit`, { ...fields, name: 'Changed' })

    for (const words of ['Emil Sommer', 'Inactive']) expect(text).toContain(`<bdi class="text">${words}</bdi>`)
  })

  test('keeps an owner who is no longer among the choices', async () => {
    const gone = await makeUser({ name: 'Gone Soon' })
    const { id } = await makeClient(scope, { ownerId: gone.id })
    await inTransaction(system, ({ db }) =>
      db.records.user.update({ where: { id: gone.id }, data: { isActive: false } }),
    )
    const fields = formFields(await rosa.get(`/clients/${id}/edit`), `/clients/${id}/edit`)

    expect(fields.ownerId).toBe(String(gone.id))
  })

  test('that gives it away leads to the list when it is out of sight then', async () => {
    const emil = await makeUser({ name: 'Emil', visibility: 'own' })
    const { id } = await makeClient(as(emil), { name: 'Given away' })
    const visitor = await browse(emil)
    const fields = formFields(await visitor.get(`/clients/${id}/edit`), `/clients/${id}/edit`)

    const answer = await visitor.post(`/clients/${id}/edit`, { ...fields, ownerId: account.id })

    expect(answer.headers.location).toBe('/clients')
    expect((await visitor.get(`/clients/${id}`)).status).toBe(404)
  })
})

describe('archiving a client', () => {
  test('takes it from the list, and its page offers it back', async () => {
    const { id } = await makeClient(scope, { name: 'Archived Away' })

    expect((await rosa.post(`/clients/${id}/delete`)).headers.location).toBe('/clients')

    const list = await rosa.get('/clients?q=Archived+Away')
    expect(list.text).toContain('The client was archived.')
    expect(list.text).toContain('No client matches this')
    expect((await rosa.get(`/clients/${id}`)).text).toContain(`action="/clients/${id}/restore"`)

    await rosa.post(`/clients/${id}/restore`)
    expect((await findClient(scope, id)).isActive).toBe(true)
  })

  test('with open deals asks first', async () => {
    const { id } = await makeClient(scope, { name: 'Busy' })
    await makeDeal(scope, { clientId: id })

    const asked = await rosa.post(`/clients/${id}/delete`)
    expect(asked.status).toBe(422)
    expect(asked.text).toContain('This client has 1 open deal.')
    expect((await findClient(scope, id)).isActive).toBe(true)

    await rosa.post(`/clients/${id}/delete`, formFields(asked, `/clients/${id}/delete`))
    expect((await findClient(scope, id)).isActive).toBe(false)
  })
})

describe('the list of clients', () => {
  test('is a link: search, filter and sort live in its address, nonsense falls back', async () => {
    await makeClient(scope, { name: 'Zoë’s Café', status: 'inactive' })

    const found = await rosa.get('/clients?q=cafe+ZOE&status=inactive&sort=-updated')
    expect(found.text).toContain('Zoë’s Café')
    expect(found.text).toContain('value="cafe ZOE"')
    expect((await rosa.get('/clients?status[]=x&sort=%00&cursor=%F0%28&owner=__proto__&q=%00')).status).toBe(200)
  })

  test('says in German what it says in English', async () => {
    const visitor = await browse(await makeUser({ locale: 'de' }))

    const { text } = await visitor.get('/clients?q=there-is-no-such-thing')

    expect(text).toContain('<html lang="de"')
    expect(text).toContain('Kein Kunde passt dazu')
  })
})

describe('who may what', () => {
  test('a viewer sees no buttons that write, and is refused when posting all the same', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { id } = await makeClient(scope, { name: 'Only looking' })

    const shown = await viewer.get(`/clients/${id}`)
    expect(shown.status).toBe(200)
    expect(shown.text).not.toMatch(/\/edit"|\/create|\/delete"/)
    expect((await viewer.post(`/clients/${id}/edit`, { name: 'No' })).status).toBe(403)
    expect((await viewer.post(`/clients/${id}/delete`)).status).toBe(403)
    expect((await viewer.post('/clients/create', { name: 'No' })).status).toBe(403)
  })

  test('an archived client cannot be edited by an old form', async () => {
    const { id } = await makeClient(scope, { name: 'Archived' })
    const fields = formFields(await rosa.get(`/clients/${id}/edit`), `/clients/${id}/edit`)
    await archiveClient(scope, id)

    const refused = await rosa.post(`/clients/${id}/edit`, {
      ...fields,
      name: 'Edited',
      description: 'Typed at length',
    })

    expect(refused.status).toBe(409)
    expect(refused.text).toMatch(/class="form-errors"[\s\S]*This client is archived/)
    expect(formFields(refused, `/clients/${id}/edit`)).toMatchObject({ name: 'Edited', description: 'Typed at length' })
  })
})
