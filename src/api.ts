import { activityOperations } from './features/activities/api.ts'
import { clientOperations } from './features/clients/api.ts'
import { communicationOperations } from './features/communications/api.ts'
import { contactOperations } from './features/contacts/api.ts'
import { dealOperations } from './features/deals/api.ts'
import { changeOperations } from './features/history/api.ts'
import { leadOperations } from './features/leads/api.ts'
import { pipelineOperations } from './features/pipelines/api.ts'
import { projectOperations } from './features/projects/api.ts'
import { quoteOperations } from './features/quotes/api.ts'
import { searchOperations } from './features/search/api.ts'
import { userOperations } from './features/users/api.ts'
import type { Operation } from './platform/api/operation.ts'

/** All that programs can ask: the site map of the API on one page. Routes, documentation and contract tests come from it. */
export const operations: readonly Operation[] = [
  ...leadOperations,
  ...clientOperations,
  ...contactOperations,
  ...communicationOperations,
  ...projectOperations,
  ...quoteOperations,
  ...dealOperations,
  ...activityOperations,
  ...pipelineOperations,
  ...userOperations,
  ...searchOperations,
  ...changeOperations,
]
