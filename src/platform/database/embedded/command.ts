import { spawn } from 'node:child_process'

/** The user a command runs as; undefined where the app's own user will do. */
export type Account = { uid: number; gid: number } | undefined

interface Options {
  account: Account
  cwd: string
  env?: Record<string, string>
}

export interface Outcome {
  ok: boolean
  /** What the command printed, or why it could not be run at all. */
  output: string
}

// Not the app's whole environment: its secrets are none of the server's business, and PG* or LC_* would change what
// initdb and pg_ctl do.
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMP']

/** Runs to the end, in a session of its own: Ctrl-C in the app's terminal interrupts neither it nor what it starts. */
export function run(command: string, args: string[], { account, cwd, env }: Options): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...account,
      cwd,
      env: { ...passedOn(), ...env },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))

    child.once('error', (error) => resolve({ ok: false, output: error.message }))
    // A server started on Windows inherits the pipes and keeps them open, so 'close' would never come there.
    child.once(process.platform === 'win32' ? 'exit' : 'close', (code) => {
      for (const stream of [child.stdout, child.stderr]) stream.destroy()
      resolve({ ok: code === 0, output: output.trim() })
    })
  })
}

function passedOn(): Record<string, string> {
  const names = PASSED_ON.filter((name) => process.env[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, process.env[name] as string]))
}
