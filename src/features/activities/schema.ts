import { z } from 'zod'
import type { LocalTime } from '../../platform/time.ts'
import {
  CalendarDate,
  Id,
  LONG_TEXT,
  LocalDateTime,
  OptionalText,
  Submission,
  Version,
  cleared,
} from '../../platform/validation.ts'

/** What people enter. Everything else in the two tables happened by itself, and stays as it is. */
export const ACTIVITY_TYPES = ['call', 'email', 'meeting', 'note', 'task'] as const
export type ActivityType = (typeof ACTIVITY_TYPES)[number]

export const ACTIVITY_STATUSES = ['pending', 'completed', 'cancelled'] as const
export type ActivityStatus = (typeof ACTIVITY_STATUSES)[number]

/** What the list can be narrowed to: planned activities that are late, due on their assignee's day, due within a week, or due at no time. */
export const DUES = ['overdue', 'today', 'week', 'none'] as const
export type Due = (typeof DUES)[number]

/** A time of day, 'HH:mm', as <input type="time"> sends it (some with seconds, which are dropped). */
const TimeOfDay = cleared(
  z
    .string()
    .trim()
    .refine((text) => text === '' || /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text), {
      params: { key: 'activities.errors.time' },
    })
    .meta({ description: '`HH:mm`.', examples: ['14:30'] })
    .transform((text) => text.slice(0, 5)),
)

const details = {
  subject: OptionalText(500),
  description: OptionalText(LONG_TEXT),
  /** When it happened, on the clock of whoever enters it. */
  activityDate: LocalDateTime.optional(),
  /** Which of two equal times is meant in the night the clocks go back, as '+02:00'; what fits no such time is passed over. */
  activityDateOffset: OptionalText(10),
  /** Date and time on the clock of the assignee. */
  dueDate: CalendarDate.nullable().optional(),
  dueTime: TimeOfDay,
  assigneeId: Id.nullable().optional(),
}

export const CreateActivityInput = z.object({
  type: z.enum(ACTIVITY_TYPES),
  ...details,
  /** Happened or planned; absent, a due date says that it is planned. */
  status: z.enum(['completed', 'pending']).optional(),
  submission: Submission.nullable().optional(),
})
export type CreateActivity = z.output<typeof CreateActivityInput>

export const UpdateActivityInput = z.object({
  type: z.enum(ACTIVITY_TYPES).optional(),
  ...details,
  version: Version.nullable().optional(),
})
export type UpdateActivity = z.output<typeof UpdateActivityInput>

/** Also as programs say it, who name the instant itself, whatever anybody's clock shows then. */
export type Timed<Input> = Omit<Input, 'activityDate'> & { activityDate?: LocalTime | Date | undefined }

export const SNOOZES = ['tomorrow', 'nextWeek'] as const

/** Until one of the days that have a name, or any other. */
export const SnoozeInput = z.object({
  until: z.enum(SNOOZES).nullable().optional(),
  dueDate: CalendarDate.nullable().optional(),
})
export type Snooze = z.output<typeof SnoozeInput>

/** null is nobody. */
export const ReassignInput = z.object({ assigneeId: Id.nullable() })
