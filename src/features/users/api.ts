import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { colleagueList } from './colleagues.ts'
import { UserJson, presentUser } from './present.ts'
import { findColleague } from './queries.ts'

const area = 'users'

export const userOperations: Operation[] = [
  listing({
    path: '/users',
    id: 'listUsers',
    area,
    summary: 'List users',
    description: 'Everybody, those who have left among them: who can own records is `active=yes`.',
    list: colleagueList,
    record: UserJson,
    name: 'UserPage',
    present: presentUser,
  }),
  operation({
    method: 'get',
    path: '/users/{id}',
    id: 'readUser',
    area,
    summary: 'Read a user',
    answer: UserJson,
    run: async (scope, { id }) => presentUser(await findColleague(scope, id), scope),
  }),
]
