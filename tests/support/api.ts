import request from 'supertest'
import type { Response } from 'supertest'
import { createToken } from '../../src/features/tokens/commands.ts'
import { AREAS, fieldOf } from '../../src/features/tokens/schema.ts'
import type { TokenScope } from '../../src/features/tokens/schema.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { app } from './browse.ts'
import { as } from './people.ts'

type Headers = Readonly<Record<string, string>>

export interface Program {
  token: string
  /** `path` is below /api/v1. */
  get(path: string, headers?: Headers): Promise<Response>
  send(method: Method, path: string, body?: unknown, headers?: Headers): Promise<Response>
}
type Method = 'get' | 'post' | 'patch' | 'delete'

/** A program with a token of this user: for everything, or for these scopes. */
export async function program(user: Account, scopes: readonly TokenScope[] = ['*:write']): Promise<Program> {
  return programWith(await tokenOf(user, scopes))
}

export async function tokenOf(user: Account, scopes: readonly TokenScope[] = ['*:write']): Promise<string> {
  const [all] = scopes.filter((scope) => scope.startsWith('*:')).map((scope) => scope.slice(2))
  const areas = AREAS.map((area) => [fieldOf(area), levelOf(scopes, area)] as const)
  const { token } = await createToken(as(user), {
    name: 'A program',
    access: (all ?? 'areas') as 'read' | 'write' | 'areas',
    life: 'none',
    ...Object.fromEntries(areas),
  })
  if (token === null) throw new Error('a token is shown when it is made')
  return token
}

function levelOf(scopes: readonly string[], area: string): 'none' | 'read' | 'write' {
  if (scopes.includes(`${area}:write`)) return 'write'
  return scopes.includes(`${area}:read`) ? 'read' : 'none'
}

/** A program that says that this is its token. */
export function programWith(token: string): Program {
  const send = async (method: Method, path: string, body?: unknown, headers: Headers = {}) => {
    const asked = request(app)[method](`/api/v1${path}`).set('Authorization', `Bearer ${token}`).set(headers)
    if (body === undefined) return asked
    return headers['Content-Type'] ? asked.send(body as string) : asked.send(JSON.stringify(body)).type('json')
  }
  return { token, get: (path, headers) => send('get', path, undefined, headers), send }
}
