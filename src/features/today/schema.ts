import { z } from 'zod'

/** Whose work the page shows, in the order it offers them. The first is what everybody begins with. */
export const WHOSE = ['me', 'team', 'all'] as const
export type Whose = (typeof WHOSE)[number]

/** Until when the changes shown had happened: what came after the page was made stays to be told. */
export const SeenInput = z.object({ until: z.iso.datetime({ offset: true }) })
