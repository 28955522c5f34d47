import { beforeAll, describe, expect, test } from 'vitest'
import { archiveContact, updateContact } from '../../src/features/contacts/commands.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact } from '../support/records.ts'

let scope: Scope
let rosa: Visitor
let clientId: number

beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa' })
  scope = as(account)
  rosa = await browse(account)
  clientId = (await makeClient(scope, { name: 'Acme; Forklifts, Ltd', ownerId: account.id })).id
})

/** The lines of a card, unfolded. */
function linesOf(text: string): string[] {
  return text.replace(/\r\n /g, '').split('\r\n')
}

describe('a contact as a card', () => {
  test('says who they are, where, and how to reach them', async () => {
    const { id } = await makeContact(scope, clientId, {
      firstName: 'Zoë',
      lastName: 'O’Neil',
      title: 'Head of Purchasing',
      department: 'Purchasing',
      email: 'zoe@acme.example',
      phone: '+49 (0)30/1234567',
      mobile: 'ask her',
      address: 'Hauptstraße 1\n10115 Berlin',
      notes: 'Likes tea, quiet; no calls',
    })

    const answer = await rosa.get(`/contacts/${id}.vcf`)

    expect(answer.headers['content-type']).toBe('text/vcard; charset=utf-8')
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="Zo? O?Neil.vcf"; filename*=UTF-8''Zo%C3%AB%20O%E2%80%99Neil.vcf`,
    )
    const lines = linesOf(answer.text)
    expect(lines.slice(0, 2)).toEqual(['BEGIN:VCARD', 'VERSION:4.0'])
    expect(lines).toEqual(
      expect.arrayContaining([
        'FN:Zoë O’Neil',
        'N:O’Neil;Zoë;;;',
        'ORG:Acme\\; Forklifts\\, Ltd;Purchasing',
        'TITLE:Head of Purchasing',
        'EMAIL;TYPE=work:zoe@acme.example',
        'TEL;TYPE=work:+49 30 1234567',
        'TEL;TYPE=cell:ask her',
        'ADR;TYPE=work:;;Hauptstraße 1\\n10115 Berlin;;;;',
        'NOTE:Likes tea\\, quiet\\; no calls',
      ]),
    )
    expect((await rosa.get(`/contacts/${id}`)).text).toContain(`href="/contacts/${id}.vcf"`)
  })

  test('keeps its mark when it changes, and says that it changed', async () => {
    const { id } = await makeContact(scope, clientId)
    const marks = async () => {
      const lines = linesOf((await rosa.get(`/contacts/${id}.vcf`)).text)
      return lines.filter((line) => /^(UID|REV):/.test(line))
    }
    const [uid, rev] = await marks()
    await new Promise((resolve) => setTimeout(resolve, 1_001))
    await updateContact(scope, id, { title: 'Buyer' })

    const [uidAfter, revAfter] = await marks()

    expect(uid).toMatch(/^UID:urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uidAfter).toBe(uid)
    expect(rev).toMatch(/^REV:\d{8}T\d{6}Z$/)
    expect((revAfter ?? '') > (rev ?? '')).toBe(true)
  })

  test('cannot break out of its lines, nor its file out of its folder', async () => {
    const { id } = await makeContact(scope, clientId, { firstName: '../..\\x', lastName: 'B"; y\nTEL:1' })

    const answer = await rosa.get(`/contacts/${id}.vcf`)

    expect(linesOf(answer.text).filter((line) => line.startsWith('TEL'))).toEqual([])
    expect(answer.headers['content-disposition']).not.toMatch(/[/\\]x|TEL:1/)
  })

  test('of somebody archived is there still; of somebody out of sight, or nobody, is a 404', async () => {
    const { id } = await makeContact(scope, clientId)
    await archiveContact(scope, id)

    expect((await rosa.get(`/contacts/${id}.vcf`)).status).toBe(200)
    expect((await (await browse(await makeUser({ visibility: 'own' }))).get(`/contacts/${id}.vcf`)).status).toBe(404)
    for (const path of ['/contacts/999999.vcf', '/contacts/abc.vcf', '/contacts/0.vcf', `/contacts/${id}.vcf.vcf`])
      expect((await rosa.get(path)).status).toBe(404)
  })
})
