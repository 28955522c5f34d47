import { clientsOfCentralEurope } from './clients-of-central-europe.ts'
import { clientsOfEurope } from './clients-of-europe.ts'
import { clientsOverseas } from './clients-overseas.ts'
import type { Part } from './cast.ts'
import { rowsOf } from './table.ts'

export interface SampleClient {
  name: string
  currencyCode: string
  /** Under .example, which belongs to nobody: a message sent from the sample data reaches no stranger. */
  domain: string
  /** The company's telephone number without its last two digits: 00 is the switchboard, each person has an extension. */
  line: string
  address: string
  owner: Part | ''
  tags: string[]
  description?: string
  contactPerson?: string
  status?: 'inactive'
  /** first name | last name | title | department | role | mail (for names that Latin letters cannot write) | notes */
  people: string
}

export const sampleClients: readonly SampleClient[] = [
  ...clientsOfCentralEurope,
  ...clientsOfEurope,
  ...clientsOverseas,
]

const PERSON = ['firstName', 'lastName', 'title', 'department', 'role', 'mail', 'notes'] as const
export type SamplePerson = Record<(typeof PERSON)[number], string>

/** The people of a client; the first is its primary contact. */
export function peopleOf(client: SampleClient): SamplePerson[] {
  return rowsOf(PERSON, client.people)
}

// Letters that stay themselves when their accents are taken off.
const LATIN: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', ø: 'o', æ: 'ae', ð: 'd', þ: 'th', ı: 'i' }

/** first.last@domain, in plain letters; `mail` is what stands before the @ where a name has none. */
export function mailAddress(
  { firstName, lastName, mail }: Pick<SamplePerson, 'firstName' | 'lastName' | 'mail'>,
  domain: string,
): string {
  const plain = `${firstName}.${lastName}`
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}|['’]/gu, '')
    .replaceAll(/[ßłøæðþı]/g, (letter) => LATIN[letter] ?? letter)
    .replaceAll(' ', '-')
  return `${mail || plain}@${domain}`
}
