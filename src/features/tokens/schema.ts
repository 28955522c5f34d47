import { z } from 'zod'
import { CalendarDate, RequiredText, Submission } from '../../platform/validation.ts'

/** What a token can be allowed, area by area: what the API is divided into. */
export const AREAS = [
  'leads',
  'clients',
  'contacts',
  'communications',
  'deals',
  'activities',
  'projects',
  'quotes',
  'pipelines',
  'users',
  'search',
  'changes',
] as const
export type Area = (typeof AREAS)[number]

export const LEVELS = ['none', 'read', 'write'] as const
type Level = (typeof LEVELS)[number]

/** Everything to read, everything to read and write, or area by area. */
export const PRESETS = ['read', 'write', 'areas'] as const

/** How long a token holds, in days; `none` has no end, `date` ends on a day that is named. */
export const LIVES = ['30', '90', '365', 'none', 'date'] as const

/** The field that says what a token is allowed in one area. */
export const fieldOf = (area: Area) => `area_${area}` as const
type AreaFields = Record<ReturnType<typeof fieldOf>, z.ZodOptional<z.ZodEnum<{ [Key in Level]: Key }>>>
const areaFields = Object.fromEntries(
  AREAS.map((area) => [fieldOf(area), z.enum(LEVELS).optional()]),
) as unknown as AreaFields

export const CreateTokenInput = z.object({
  name: RequiredText(100),
  access: z.enum(PRESETS),
  ...areaFields,
  life: z.enum(LIVES),
  expiresOn: CalendarDate.nullable().optional(),
  submission: Submission.nullable().optional(),
})
export type CreateToken = z.output<typeof CreateTokenInput>

/** "leads:write" allows to read there too; "*:read" is everything. */
export type TokenScope = `${Area | '*'}:${'read' | 'write'}`

/** What is asked for, as it is stored. */
export function scopesOf(input: CreateToken): TokenScope[] {
  if (input.access !== 'areas') return [`*:${input.access}`]
  return AREAS.flatMap((area) => {
    const level = input[fieldOf(area)] ?? 'none'
    return level === 'none' ? [] : [`${area}:${level}` as const]
  })
}

/** Whoever may write in an area may read there. */
export function permits(scopes: readonly string[], area: string, access: 'read' | 'write'): boolean {
  const levels = access === 'read' ? ['read', 'write'] : ['write']
  return levels.some((level) => scopes.includes(`*:${level}`) || scopes.includes(`${area}:${level}`))
}
