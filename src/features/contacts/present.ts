import { z } from 'zod'
import { Moment, RecordId, RecordVersion, momentOf } from '../../platform/api/json.ts'
import type { Contact } from './queries.ts'
import { CONTACT_ROLES } from './schema.ts'

/** A contact as programs read it. */
export const ContactJson = z
  .object({
    id: RecordId,
    clientId: RecordId,
    firstName: z.string(),
    lastName: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    mobile: z.string().nullable(),
    title: z.string().nullable(),
    department: z.string().nullable(),
    role: z.enum(CONTACT_ROLES),
    isPrimary: z.boolean().meta({ description: 'Of the active contacts of a client, one at most.' }),
    address: z.string().nullable(),
    notes: z.string().nullable(),
    tags: z.array(z.string()),
    isActive: z.boolean().meta({ description: 'False while it is archived.' }),
    createdBy: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Contact',
    examples: [
      {
        id: 31,
        clientId: 12,
        firstName: 'Ada',
        lastName: 'Berg',
        email: 'ada@berg.example.com',
        phone: '+49 30 1234567',
        mobile: null,
        title: 'Head of logistics',
        department: 'Logistics',
        role: 'technical',
        isPrimary: true,
        address: null,
        notes: null,
        tags: ['fair'],
        isActive: true,
        createdBy: 3,
        version: 1,
        createdAt: '2026-01-31T13:30:00.000Z',
        updatedAt: '2026-01-31T13:30:00.000Z',
      },
    ],
  })

export function presentContact(contact: Contact): z.input<typeof ContactJson> {
  return {
    id: contact.id,
    clientId: contact.clientId,
    firstName: contact.firstName,
    lastName: contact.lastName,
    email: contact.email,
    phone: contact.phone,
    mobile: contact.mobile,
    title: contact.title,
    department: contact.department,
    role: contact.role,
    isPrimary: contact.isPrimary,
    address: contact.address,
    notes: contact.notes,
    tags: contact.tags,
    isActive: contact.isActive,
    createdBy: contact.createdBy,
    version: contact.version,
    createdAt: momentOf(contact.createdAt),
    updatedAt: momentOf(contact.updatedAt),
  }
}
