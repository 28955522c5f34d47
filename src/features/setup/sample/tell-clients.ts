import { createClient } from '../../clients/commands.ts'
import type { CreateClient } from '../../clients/schema.ts'
import { createContact } from '../../contacts/commands.ts'
import type { ContactRole, CreateContact } from '../../contacts/schema.ts'
import { ownerOf, playerOf } from './cast.ts'
import type { Cast, Part } from './cast.ts'
import { mailAddress, peopleOf, sampleClients } from './clients.ts'
import type { SampleClient, SamplePerson } from './clients.ts'
import { mixed, submissionOf, told } from './once-told.ts'

/** A client as the rest of the story knows it. */
export interface KnownClient {
  id: number
  name: string
  currencyCode: string
  owner: Part | ''
  contactIds: number[]
}

/** Takes on every client with its people. Answers them by their domain, without .example. */
export async function tellClients(cast: Cast): Promise<Map<string, KnownClient>> {
  const known = new Map<string, KnownClient>()
  for (const client of mixed(sampleClients)) {
    known.set(client.domain.replace('.example', ''), await tellClient(cast, client))
  }
  return known
}

async function tellClient(cast: Cast, client: SampleClient): Promise<KnownClient> {
  const { name, currencyCode, owner } = client
  const player = playerOf(cast, owner)
  const { id } = await told(
    createClient(player, {
      ...clientInput(client),
      ownerId: ownerOf(cast, owner),
      submission: submissionOf(player, name),
    }),
  )
  const contactIds: number[] = []
  for (const [place, person] of peopleOf(client).entries()) {
    const submission = submissionOf(player, `${name}, ${person.firstName} ${person.lastName}`)
    const contact = await told(createContact(player, id, { ...contactInput(client, person, place), submission }))
    contactIds.push(contact.id)
  }
  return { id, name, currencyCode, owner, contactIds }
}

/** What one would type into the form for this client. */
export function clientInput({ domain, line, owner: _owner, people: _people, ...fields }: SampleClient): CreateClient {
  return { ...fields, website: `https://www.${domain}`, email: `info@${domain}`, phone: `${line}00` }
}

/** What one would type into the form for the client's person at this place of its list. */
export function contactInput({ domain, line }: SampleClient, person: SamplePerson, place: number): CreateContact {
  return {
    firstName: person.firstName,
    lastName: person.lastName,
    email: mailAddress(person, domain),
    // Not everybody has a telephone on the desk.
    phone: place === 2 ? null : `${line}${11 + place * 9}`,
    title: person.title || null,
    department: person.department || null,
    role: (person.role || 'contact') as ContactRole,
    notes: person.notes || null,
  }
}
