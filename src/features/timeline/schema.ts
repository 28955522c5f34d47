import type { z } from 'zod'
import { Id } from '../../platform/validation.ts'
import { LogCommunicationInput } from '../communications/schema.ts'

/** What a timeline can be narrowed to. */
export const SHOWN = ['communications', 'activities', 'changes'] as const
export type Shown = (typeof SHOWN)[number]

/** Where the entries come from. Of entries at one moment those of the later source come first; a record's beginning is behind everything. */
export const SOURCES = ['beginning', 'change', 'leadActivity', 'dealActivity', 'communication'] as const
export type SourceName = (typeof SOURCES)[number]

/** The place of an entry in a timeline: its time, its source and its id. */
export interface Place {
  at: Date
  source: SourceName
  id: number
}

export interface TimelineParams {
  /** null is all. */
  show: Shown | null
  /** Only what is older than this; null from the newest on. */
  before: Place | null
}

const PLACE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~([a-zA-Z]+)~([1-9]\d{0,15})$/

/** What a record page's query string asks of its timeline: ?show=changes&before=…; nonsense asks for nothing. */
export function timelineParams(query: Readonly<Record<string, unknown>>): TimelineParams {
  return { show: SHOWN.find((kind) => kind === query.show) ?? null, before: placeIn(query.before) }
}

function placeIn(given: unknown): Place | null {
  const [, time = '', named, id] = (typeof given === 'string' ? PLACE.exec(given) : null) ?? []
  const at = new Date(time)
  const source = SOURCES.find((name) => name === named)
  // PostgreSQL knows no year 0; nobody said anything in it.
  return source && at.getUTCFullYear() > 0 ? { at, source, id: Number(id) } : null
}

export function placeText({ at, source, id }: Place): string {
  return `${at.toISOString()}~${source}~${id}`
}

/** A communication, entered on the page of a client: with which of its contacts. */
export const LogWithContactInput = LogCommunicationInput.extend({ contactId: Id.nullable().optional() })
export type LogWithContact = z.output<typeof LogWithContactInput>
