import request from 'supertest'
import type { Response } from 'supertest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import type { Place } from './archives.ts'
import { csrfOf } from './browse.ts'
import { logger } from './log.ts'

export interface Visit {
  /** How the sign-in was answered. */
  answer: Response
  get(path: string): Promise<Response>
  close(): Promise<void>
}

/** Signs in to the product on a database of its own, as somebody whom that database knows. */
export async function signInTo(place: Place, email: string, password: string): Promise<Visit> {
  const database = openDatabase(place, 4)
  const app = createApp({ config: readConfig({ NODE_ENV: 'test' }), database, logger, secret: 'a secret of this test' })
  const agent = request.agent(app.handle)
  const _csrf = csrfOf(await agent.get('/login'))
  const answer = await agent.post('/login').type('form').send({ _csrf, email, password })
  return {
    answer,
    get: async (path) => agent.get(path),
    close: async () => {
      await app.close()
      await database.close()
    },
  }
}
