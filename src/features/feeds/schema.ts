import { z } from 'zod'
import { Id, RequiredText } from '../../platform/validation.ts'

/** What a feed can hold. */
export const HOLDINGS = ['followUps', 'activities', 'closes'] as const
export type Holding = (typeof HOLDINGS)[number]

/** Whose rest is a secret, which no log may hold. */
export const FEED_PATH = '/feeds/'

const holdings = { followUps: z.boolean(), activities: z.boolean(), closes: z.boolean() }

/** A calendar shows it on one line. */
const Name = RequiredText(100).transform((name) => name.replaceAll(/\s+/g, ' '))

export const FeedInput = z.object({ name: Name, ...holdings })
export type FeedChange = z.output<typeof FeedInput>

export const FeedChangeInput = FeedInput.extend({ feed: Id })

/** One of one's own feeds. */
export const FeedChoice = z.object({ feed: Id })
