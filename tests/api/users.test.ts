import { expect, test } from 'vitest'
import { program } from '../support/api.ts'
import { makeTeam, makeUser } from '../support/people.ts'

test('everybody finds by name to whom something can be given, and administrators their e-mail', async () => {
  const teamId = await makeTeam('North')
  const rosa = await makeUser({ name: 'Rosa Wintermärchen', teamId, timeZone: 'Asia/Tokyo' })
  const viewer = await program(await makeUser({ role: 'viewer', visibility: 'own' }))
  const admin = await program(await makeUser({ role: 'admin' }))
  const told = {
    id: rosa.id,
    name: 'Rosa Wintermärchen',
    email: null,
    role: 'member',
    teamId,
    teamName: 'North',
    timeZone: 'Asia/Tokyo',
    isActive: true,
  }

  expect((await viewer.get('/users?q=wintermarchen')).body).toMatchObject({ data: [told] })
  expect((await viewer.get(`/users/${rosa.id}`)).body).toEqual(told)
  expect((await viewer.get(`/users?team=${teamId}&active=yes&role=member`)).body).toMatchObject({ data: [told] })
  expect((await admin.get(`/users/${rosa.id}`)).body).toEqual({ ...told, email: rosa.email })
})

test('nobody’s e-mail can be guessed by a search', async () => {
  const rosa = await makeUser({ email: 'very.secret@example.com' })
  const api = await program(await makeUser())

  expect((await api.get('/users?q=very.secret')).body).toMatchObject({ data: [] })
  expect(JSON.stringify((await api.get('/users?limit=200')).body)).not.toContain(rosa.email)
})
