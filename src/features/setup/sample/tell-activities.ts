import { addDays, dayIn } from '../../../platform/time.ts'
import { createActivity } from '../../activities/commands.ts'
import type { Kind } from '../../activities/kinds.ts'
import type { ActivityType, CreateActivity } from '../../activities/schema.ts'
import { pastSteps, plannedSteps } from './activities.ts'
import type { SampleActivity } from './activities.ts'
import type { Cast, Part } from './cast.ts'

/** One in so many has nothing planned: that too is to be seen. */
const LEFT_ALONE = 5

/** What was done with a lead or deal, and, where it is still worked on, what is planned. `place` is its place in the story: what varies goes by it. */
export async function tellActivities(
  player: Cast[Part],
  kind: Kind,
  recordId: number,
  { place, isOpen }: { place: number; isOpen: boolean },
): Promise<void> {
  const today = dayIn(player.user.timeZone)
  const done = [
    pastSteps[place % pastSteps.length],
    ...(place % 3 === 0 ? [pastSteps[(place + 3) % pastSteps.length]] : []),
  ]
  for (const step of done) if (step) await createActivity(player, kind, recordId, loggedInput(step, today))
  const next = plannedSteps[place % plannedSteps.length]
  if (next && isOpen && place % LEFT_ALONE !== LEFT_ALONE - 1)
    await createActivity(player, kind, recordId, plannedInput(next, today))
}

/** What one would type into the form for something that happened. */
export function loggedInput({ type, when, subject, description }: SampleActivity, today: string): CreateActivity {
  const [days = '0', time = '09:00'] = when.split(' ')
  return {
    type: type as ActivityType,
    status: 'completed',
    subject,
    description: description || null,
    activityDate: `${addDays(today, Number(days))}T${time}`,
  }
}

/** What one would type into the form for something that is planned. */
export function plannedInput({ type, when, subject, description }: SampleActivity, today: string): CreateActivity {
  const [days = '', time = null] = when.split(' ')
  return {
    type: type as ActivityType,
    status: 'pending',
    subject,
    description: description || null,
    dueDate: days === '' ? null : addDays(today, Number(days)),
    dueTime: days === '' ? null : time,
  }
}
