import { rowsOf } from './table.ts'

/** What people plan and do with leads and deals; `days` from today and perhaps a time. What has no days is planned for no day. */
const COLUMNS = ['type', 'when', 'subject', 'description'] as const
export type SampleActivity = Record<(typeof COLUMNS)[number], string>

/** What is planned next: each open deal, and each lead that is being worked on, gets one of these, one after the other; some get none. */
export const plannedSteps: readonly SampleActivity[] = rowsOf(
  COLUMNS,
  `
  call    | 0 15:30  | Ask whether the offer arrived          | If the buyer is away, try the head of logistics.
  task    | 2        | Send the references                    | Two halls of this size, not older than three years.
  meeting | 5 10:00  | Walk through the hall                  | Bring the laser meter. Safety shoes are worn there.
  email   | -2       | Send the revised offer                 |
  call    | 1 09:15  | Clear up the terms of payment          |
  task    | 9        | Work out delivery and installation     | Their night shift cannot stand still for more than one night.
  meeting | 13 14:00 | Present the solution to the board      | Twenty minutes, five slides, the figures printed.
  call    | -5 11:00 | Hear how the budget talks went         |
  task    | 0        | Check the load on the floor            | The drawings are in the project folder.
  email   | 3        | Answer the questions on maintenance    |
  task    |          | Look for a second source for the doors |
`,
)

/** What was done already. */
export const pastSteps: readonly SampleActivity[] = rowsOf(
  COLUMNS,
  `
  call    | -18 10:20 | First talk                        | They want to know what it costs before they say what they need.
  meeting | -11 09:30 | Met at their place                | The hall is higher than on the plan; one more level would fit.
  email   | -8 16:05  | Sent the brochure and the prices  |
  note    | -6 12:00  | Who decides                       | Purchasing asks, the plant manager decides.
  call    | -4 08:45  | Asked about the schedule          | Before the summer break, or not this year.
  email   | -3 17:30  | Confirmed the dates               |
  meeting | -24 13:00 | Shown round our demonstration hall | They stayed an hour longer than planned.
`,
)
