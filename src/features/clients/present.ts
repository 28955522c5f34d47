import { z } from 'zod'
import { Moment, RecordId, RecordVersion, momentOf } from '../../platform/api/json.ts'
import type { Client } from './queries.ts'
import { CLIENT_STATUSES } from './schema.ts'

/** A client as programs read it. */
export const ClientJson = z
  .object({
    id: RecordId,
    name: z.string(),
    description: z.string().nullable(),
    website: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    address: z.string().nullable(),
    contactPerson: z
      .string()
      .nullable()
      .meta({ description: 'A name from before contacts were records of their own.' }),
    status: z.enum(CLIENT_STATUSES),
    currencyCode: z.string(),
    ownerId: RecordId.nullable(),
    tags: z.array(z.string()),
    isActive: z.boolean().meta({ description: 'False while it is archived.' }),
    createdBy: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Client',
    examples: [
      {
        id: 12,
        name: 'Berg & Söhne',
        description: null,
        website: 'berg.example.com',
        email: 'office@berg.example.com',
        phone: '+49 30 1234567',
        address: 'Hafenstraße 7\n20457 Hamburg',
        contactPerson: null,
        status: 'active',
        currencyCode: 'EUR',
        ownerId: 3,
        tags: ['key account'],
        isActive: true,
        createdBy: 3,
        version: 1,
        createdAt: '2026-01-31T13:30:00.000Z',
        updatedAt: '2026-01-31T13:30:00.000Z',
      },
    ],
  })

export function presentClient(client: Client): z.input<typeof ClientJson> {
  return {
    id: client.id,
    name: client.name,
    description: client.description,
    website: client.website,
    email: client.email,
    phone: client.phone,
    address: client.address,
    contactPerson: client.contactPerson,
    status: client.status,
    currencyCode: client.currencyCode,
    ownerId: client.ownerId,
    tags: client.tags,
    isActive: client.isActive,
    createdBy: client.createdBy,
    version: client.version,
    createdAt: momentOf(client.createdAt),
    updatedAt: momentOf(client.updatedAt),
  }
}
