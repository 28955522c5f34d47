import { describe, expect, test } from 'vitest'
import { activityList } from '../../src/features/activities/list.ts'
import { communicationList } from '../../src/features/communications/list.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

describe('words that several records have', () => {
  test('find what was said, by text, person and client together, short ones too', async () => {
    const rosa = as(await makeUser())
    const client = await makeClient(rosa, { name: 'Quillfish Ltd' })
    const other = await makeClient(rosa, { name: 'Quillfish South' })
    const contact = await makeContact(rosa, client.id, { firstName: 'Zo', lastName: 'Wimbledore' })
    const stranger = await makeContact(rosa, other.id, { firstName: 'Ka', lastName: 'Wimbledore' })
    const said = await makeCommunication(rosa, contact.id, { subject: 'Tender' })
    await makeCommunication(rosa, contact.id, { subject: 'Something else' })
    await makeCommunication(rosa, stranger.id, { subject: 'Tender' })
    const find = async (q: string) => {
      const { rows, total } = await communicationList.fetch(rosa, communicationList.parse({ q }))
      expect(total).toEqual({ count: rows.length, more: false })
      return rows.map(({ id }) => id)
    }

    expect(await find('tender wimbledore quillfish zo')).toEqual([said.id])
    expect(await find('wimbledore quillfish')).toHaveLength(3)
    expect(await find('wimbledore nowhere')).toEqual([])
  })

  test('find activities of leads and deals by what they are about', async () => {
    const rosa = as(await makeUser())
    const lead = await makeLead(rosa, { firstName: 'Bo', lastName: 'Grumblethorpe' })
    const deal = await makeDeal(rosa, { name: 'Grumblethorpe extension' })
    await makeActivity(rosa, 'lead', lead.id, { subject: 'Measure the hall' })
    await makeActivity(rosa, 'deal', deal.id, { subject: 'Measure the roof' })
    const find = async (q: string) =>
      (await activityList.fetch(rosa, activityList.parse({ q }))).rows.map(({ subject }) => subject).sort()

    expect(await find('grumblethorpe measure')).toEqual(['Measure the hall', 'Measure the roof'])
    expect(await find('grumblethorpe bo')).toEqual(['Measure the hall'])
    expect(await find('roof grumblethorpe')).toEqual(['Measure the roof'])
    expect(await find('roof hall')).toEqual([])
  })

  test('find deals by their name and their client, and give the same in a file', async () => {
    const rosa = as(await makeUser())
    const client = await makeClient(rosa, { name: 'Pumblechook & Sons' })
    const deal = await makeDeal(rosa, { name: 'Zylinder', clientId: client.id })
    await makeDeal(rosa, { name: 'Zylinder' })
    const params = dealList.parse({ q: 'zylinder pumblechook' })

    expect((await dealList.fetch(rosa, params)).rows.map(({ id }) => id)).toEqual([deal.id])
    const all: number[] = []
    for await (const rows of dealList.all(rosa, params)) all.push(...rows.map(({ id }) => id))
    expect(all).toEqual([deal.id])
  })
})

test('deals come in the order of what is planned next, page after page, one row each', async () => {
  const rosa = as(await makeUser({ visibility: 'own', role: 'member' }))
  const days = Array.from({ length: 60 }, (_, index) => `2031-01-${String(1 + (index % 3)).padStart(2, '0')}`)
  const planned: { id: number; day: string }[] = []
  for (const day of days) {
    const deal = await makeDeal(rosa)
    // Two on its first day, one later.
    for (const dueDate of [day, '2031-05-01', day]) await makeActivity(rosa, 'deal', deal.id, { dueDate })
    planned.push({ id: deal.id, day })
  }
  const unplanned = await makeDeal(rosa)
  const expected = [
    ...planned.sort((a, b) => a.day.localeCompare(b.day) || a.id - b.id).map(({ id }) => id),
    unplanned.id,
  ]

  const first = await dealList.fetch(rosa, dealList.parse({ sort: 'next' }))
  const second = await dealList.fetch(rosa, dealList.parse(Object.fromEntries(new URLSearchParams(first.next ?? ''))))
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(expected)
  const back = await dealList.fetch(
    rosa,
    dealList.parse(Object.fromEntries(new URLSearchParams(second.previous ?? ''))),
  )
  expect(back.rows.map(({ id }) => id)).toEqual(expected.slice(0, 50))
})
