import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'

export interface Duplicate {
  id: number
  kind: 'lead' | 'client' | 'contact'
  name: string
  /** What tells it from its namesakes: a lead's company, a client's e-mail, a contact's client. */
  detail: string | null
  /** What is the same. */
  same: ('email' | 'phone' | 'company')[]
}

interface Somebody {
  /** The lead itself, when it is stored: it is no match of its own, nor is what it was converted to. */
  id?: number | null
  convertedToClientId?: number | null | undefined
  email?: string | null | undefined
  phone?: string | null | undefined
  companyName?: string | null | undefined
}

/** Of fewer digits too many people have the same. */
const PHONE_DIGITS = 5

/**
 * Who might be the same as this lead: the same e-mail address, telephone number (by its digits) or company, case aside, among the leads, clients
 * and contacts that the reader may see. At most five of each kind; leads that led to the same client are not strangers.
 */
export async function findDuplicates(scope: Scope, somebody: Somebody): Promise<Duplicate[]> {
  const email = known(somebody.email)
  const company = known(somebody.companyName)
  const typed = somebody.phone?.replace(/\D/g, '') ?? ''
  const phone = typed.length >= PHONE_DIGITS ? typed : null
  if (email === null && company === null && phone === null) return []
  const { id = null, convertedToClientId = null } = somebody
  const same = (columns: Partial<Record<Duplicate['same'][number], Sql>>) => {
    const {
      email: byEmail = sql`NULL::text`,
      company: byCompany = sql`NULL::text`,
      phone: byPhone = sql`FALSE`,
    } = columns
    return sql`array_remove(ARRAY[CASE WHEN lower(${byEmail}) = lower(${email}) THEN 'email' END, CASE WHEN ${byPhone} THEN 'phone' END,
      CASE WHEN lower(${byCompany}) = lower(${company}) THEN 'company' END], NULL)`
  }
  const leadPhone = sql`l.phone_digits = ${phone}`
  const clientPhone = sql`c.phone_digits = ${phone}`
  // Of a contact's two numbers either; the trigram index finds them.
  const contactPhone = sql`(k.phone_digits LIKE ${phone === null ? null : `%${phone}%`} AND ${phone} = ANY (string_to_array(k.phone_digits, ' ')))`
  return scope.db.query<Duplicate>(sql`
    (SELECT l.id, 'lead' AS kind, l.first_name || ' ' || l.last_name AS name, l.company_name AS detail,
            ${same({ email: sql`l.email`, company: sql`l.company_name`, phone: leadPhone })} AS same
     FROM leads l
     WHERE l.is_active AND l.id IS DISTINCT FROM ${id} AND ${visible(scope, 'leads', 'l')}
       AND (lower(l.email) = lower(${email}) OR lower(l.company_name) = lower(${company}) OR ${leadPhone})
     LIMIT 5)
    UNION ALL
    (SELECT c.id, 'client', c.name, c.email, ${same({ email: sql`c.email`, company: sql`c.name`, phone: clientPhone })}
     FROM clients c
     WHERE c.is_active AND c.id IS DISTINCT FROM ${convertedToClientId} AND ${visible(scope, 'clients', 'c')}
       AND (lower(c.email) = lower(${email}) OR lower(c.name) = lower(${company}) OR ${clientPhone})
     LIMIT 5)
    UNION ALL
    (SELECT k.id, 'contact', k.first_name || ' ' || k.last_name, (SELECT p.name FROM clients p WHERE p.id = k.client_id),
            ${same({ email: sql`k.email`, phone: contactPhone })}
     FROM contacts k
     WHERE k.is_active AND k.client_id IS DISTINCT FROM ${convertedToClientId} AND ${visible(scope, 'contacts', 'k')}
       AND (lower(k.email) = lower(${email}) OR ${contactPhone})
     LIMIT 5)`)
}

/** Somebody active at this client with that e-mail address, case aside; the primary contact first. */
export async function findContactWithEmail(
  scope: Scope,
  clientId: number,
  email: string | null,
): Promise<number | null> {
  if (email === null) return null
  const [contact] = await scope.db.query<{ id: number }>(sql`
    SELECT k.id FROM contacts k
    WHERE k.client_id = ${clientId} AND k.is_active AND lower(k.email) = lower(${email}) AND ${visible(scope, 'contacts', 'k')}
    ORDER BY k.is_primary DESC, k.id LIMIT 1`)
  return contact?.id ?? null
}

/** What was typed, as far as anybody can have it; null for nothing. */
function known(text: string | null | undefined): string | null {
  const plain = (text ?? '').replaceAll('\0', '').toWellFormed().trim()
  return plain === '' ? null : plain
}
