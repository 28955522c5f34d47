import type { Translate, TranslationKey } from '../../platform/i18n.ts'

/** The stages of a new installation, which are called by our words unless somebody names them. */
const WORDED: readonly string[] = [
  'prospecting',
  'qualification',
  'proposal',
  'negotiation',
  'closed_won',
  'closed_lost',
]

/** Whether there are words for the key, in each language: only then may a stage go without a name of its own. */
export function hasWords(key: string): boolean {
  return WORDED.includes(key)
}

/**
 * What a stage is called: the name somebody gave it, else the words of its key in the reader's language, else, of one that is gone, its key.
 * For views: `stageName(t, stage)`.
 */
export function stageName(t: Translate, { key, name }: { key: string; name: string | null }): string {
  return name ?? (hasWords(key) ? t(`pipelines.stages.${key}` as TranslationKey) : key)
}
