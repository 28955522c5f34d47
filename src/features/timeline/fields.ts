import { FIELDS as ALL_FIELDS } from '../history/fields.ts'
import type { Field } from '../history/fields.ts'

/** The records whose pages have a timeline. */
export const SUBJECTS = ['clients', 'contacts', 'leads', 'deals'] as const
export type Subject = (typeof SUBJECTS)[number]

/**
 * What a timeline tells of a change. What has an automatic activity (a deal's stage, status, value and owner, a lead's status and score, their
 * conversion) is told by that.
 */
export const FIELDS = Object.fromEntries(
  SUBJECTS.map((subject) => [
    subject,
    Object.fromEntries(Object.entries(ALL_FIELDS[subject]).filter(([, { byActivity }]) => !byActivity)),
  ]),
) as Readonly<Record<Subject, Readonly<Record<string, Field>>>>
