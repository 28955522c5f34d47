/** What one can ask of: who sees it, and why. */
export const ACCESS_NOUNS = ['clients', 'contacts', 'communications', 'leads', 'deals', 'projects', 'quotes'] as const
export type AccessNoun = (typeof ACCESS_NOUNS)[number]
