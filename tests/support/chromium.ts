import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { argv, env, execPath, getuid, platform } from 'node:process'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge']
const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/lib/chromium/chromium', '/snap/bin/chromium', '/opt/google/chrome/chrome'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    `${env.HOME}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
  ],
  win32: [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].flatMap((folder) =>
    folder
      ? [
          'Google\\Chrome\\Application\\chrome.exe',
          'Chromium\\Application\\chrome.exe',
          'Microsoft\\Edge\\Application\\msedge.exe',
        ].map((file) => join(folder, file))
      : [],
  ),
}
const INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'brew install --cask chromium',
  win32: 'winget install Google.Chrome',
}

/** The Chromium that CHROMIUM names, or one found in the usual places. Throws, saying how to get one, when there is none. */
export function findChromium(): string {
  if (env.CHROMIUM) {
    if (isProgram(env.CHROMIUM)) return env.CHROMIUM
    throw new Error(`CHROMIUM names ${env.CHROMIUM}, which is not a program.`)
  }
  const onPath = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const ending = platform === 'win32' ? '.exe' : ''
  const named = NAMES.flatMap((name) => onPath.map((folder) => join(folder, `${name}${ending}`)))
  const found = [...named, ...(PLACES[platform] ?? []), chromium.executablePath()].find(isProgram)
  if (found) return found

  const how =
    INSTALL[platform] ?? 'apt-get install chromium on Debian, or npx playwright-core install --with-deps chromium'
  throw new Error(
    `The browser tests need a Chromium, and there is none: install one (${how}), or set CHROMIUM to where it is.`,
  )
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there, or not ours to run: either way not a browser for us.
    return false
  }
}

/** Starts it with an empty profile of its own. `hosts` are names that lead to this machine, as a local network's name server would tell. */
export function launchChromium(...hosts: string[]): Promise<Browser> {
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(', ')
  return chromium.launch({
    executablePath: findChromium(),
    // Chromium's sandbox refuses root, which is who runs in a container.
    chromiumSandbox: !isRoot(),
    args: [
      ...[
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
      ...(rules ? [`--host-resolver-rules=${rules}`] : []),
    ],
  })
}

function isRoot(): boolean {
  return getuid?.() === 0
}

/** Where there is none and this user may install one, Debian's. */
function installChromium(): void {
  try {
    findChromium()
    return
  } catch (error) {
    if (env.CHROMIUM || !isRoot() || !isProgram('/usr/bin/apt-get')) throw error
  }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
}

// As a program (bin/test): prints where the browser is, having installed it where that can be done.
if (import.meta.url === pathToFileURL(argv[1] ?? execPath).href) {
  installChromium()
  process.stdout.write(`${findChromium()}\n`)
}
