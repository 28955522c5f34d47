import { createHash } from 'node:crypto'
import { phoneOf, regionOf } from '../../platform/phone.ts'
import { vcard } from '../../platform/vcard.ts'
import type { ContactDetails } from './queries.ts'

/** The contact as an address book takes it. `homeZone` is the installation's: where numbers without their country are at home. */
export function contactCard(contact: ContactDetails, homeZone: string): string {
  const number = (typed: string | null) => (typed ? phoneOf(typed, regionOf(homeZone)).text : null)
  return vcard([
    ['UID', uidOf(contact)],
    ['REV', contact.updatedAt.toISOString().replace(/[-:]|\.\d+/g, '')],
    ['KIND', 'individual'],
    ['FN', contact.name],
    ['N', [contact.lastName, contact.firstName, null, null, null]],
    ['ORG', contact.department ? [contact.client.name, contact.department] : contact.client.name],
    ['TITLE', contact.title],
    ['EMAIL;TYPE=work', contact.email],
    ['TEL;TYPE=work', number(contact.phone)],
    ['TEL;TYPE=cell', number(contact.mobile)],
    // An address is not taken apart here: all of it stands where the street does.
    ['ADR;TYPE=work', [null, null, contact.address, null, null, null, null]],
    ['NOTE', contact.notes],
  ])
}

/** The same for the same contact each time, so that an address book updates what it has; another for a contact of another installation. */
function uidOf({ id, createdAt }: ContactDetails): string {
  const hex = createHash('sha256').update(`contact ${id} ${createdAt.toISOString()}`).digest('hex')
  // Version 8: a UUID made in a way of one's own (RFC 9562).
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
