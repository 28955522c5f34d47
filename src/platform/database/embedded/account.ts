import { StartupError } from '../../errors.ts'
import { run } from './command.ts'
import type { Account } from './command.ts'

const OWN = 'dealwright'
const BORROWED = 'nobody'

export const isRoot = process.getuid?.() === 0

/** PostgreSQL refuses to run as root, so root lends it a user of its own: made if the system lets us, else `nobody`. */
export async function serverAccount(): Promise<Account> {
  if (!isRoot) return undefined
  const account = (await lookUp(OWN)) ?? (await create(OWN)) ?? (await lookUp(BORROWED))
  if (account) return account
  throw new StartupError(
    `PostgreSQL does not run as root, and no user named "${OWN}" could be made for it: start the app as an ordinary user.`,
  )
}

async function create(name: string): Promise<Account> {
  const made = await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name], {
    account: undefined,
    cwd: '/',
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  // Not made by us may still mean made: another start can have been faster.
  return made.ok || made.output.includes('already exists') ? lookUp(name) : undefined
}

async function lookUp(name: string): Promise<Account> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((flag) => run('id', [flag, name], { account: undefined, cwd: '/' })),
  )
  return uid?.ok && gid?.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}
