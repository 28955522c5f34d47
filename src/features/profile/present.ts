import { PSEUDO_LANGUAGE, languages } from '../../platform/i18n.ts'

/** The languages there are, each by its own name; and the one somebody has, so that saving an untouched form changes nothing. */
export function languageOptions(present: string): { value: string; label: string }[] {
  const offered = present === PSEUDO_LANGUAGE ? [...languages, PSEUDO_LANGUAGE] : languages
  return offered.map((code) => ({ value: code, label: nameOf(code) }))
}

function nameOf(code: string): string {
  return new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code
}
