import type { Translate, TranslationKey } from '../../platform/i18n.ts'

/** What a stage is called: the name somebody gave it, else the words of its key in the reader's language. For views: `stageName(t, stage)`. */
export function stageName(t: Translate, stage: { key: string; name: string | null }): string {
  return stage.name ?? t(`pipelines.stages.${stage.key}` as TranslationKey)
}
