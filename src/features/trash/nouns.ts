/** What can be archived, in the order in which the Trash shows it. */
export const TRASH_NOUNS = ['clients', 'contacts', 'leads', 'deals'] as const
export type TrashNoun = (typeof TRASH_NOUNS)[number]
