import { pino } from 'pino'

/** What the product logged as an error since it was last looked at. A test that expects one takes it out. */
export const errorsLogged: unknown[] = []

export const logger = pino(
  { level: 'error' },
  {
    write: (line: string) => {
      errorsLogged.push(JSON.parse(line))
    },
  },
)
