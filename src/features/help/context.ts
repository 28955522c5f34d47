import { longestBeginning } from '../../platform/beginning.ts'

/** Which page of the guide tells of what is found below an address; the longest beginning counts. */
const PAGES: Readonly<Record<string, string>> = {
  '/': 'today',
  '/leads': 'leads',
  '/lead-activities': 'communications-and-activities',
  '/deals': 'deals',
  '/deals/pipeline': 'pipeline',
  '/deal-activities': 'communications-and-activities',
  '/clients': 'clients-and-contacts',
  '/contacts': 'clients-and-contacts',
  '/projects': 'clients-and-contacts',
  '/quotes': 'clients-and-contacts',
  '/communications': 'communications-and-activities',
  '/activities': 'communications-and-activities',
  '/search': 'lists-and-search',
  '/reports': 'reports',
  '/profile': 'profile',
  '/profile/feeds': 'calendar',
  '/history': 'history-and-undo',
  '/trash': 'history-and-undo',
  '/shortcuts': 'lists-and-search',
  '/settings/users': 'people',
  '/settings/teams': 'people',
  '/settings/pipelines': 'pipelines',
  '/settings/currencies': 'money',
  '/settings/tokens': 'api',
  '/settings/webhooks': 'webhooks',
}
const FORMS_OF_CONVERSION = /^\/leads\/[^/]+\/convert-to-/

/** Where help for the page at `path` is found. */
export function helpFor(path: string): string {
  if (FORMS_OF_CONVERSION.test(path)) return '/help/conversion'
  const beginning = longestBeginning(path, (start) => Object.hasOwn(PAGES, start))
  return beginning === undefined ? '/help' : `/help/${PAGES[beginning]}`
}

/** The pages that screens lead to. */
export const HELPED_BY: readonly string[] = [...new Set([...Object.values(PAGES), 'conversion'])]
