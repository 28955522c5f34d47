// @ts-check
/**
 * The product as it is delivered: `npm start` in the folder this is called in, on a free port and with data of its own, used over HTTP as a
 * browser without JavaScript would. Makes the administrator, enters and converts a lead, kills the product, starts it again and finds the lead.
 *
 *   node tests/smoke/main-job.mjs
 *   node tests/smoke/main-job.mjs --lean    once more without the packages of developers, which it takes out of this folder
 *
 * Node built-ins only: it runs before there are packages. Finds processes in /proc, so it needs Linux.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'

const { fetch, URLSearchParams } = globalThis
const FIRST_START_MS = 10 * 60_000
const LATER_START_MS = 3_000
const EMAIL = 'rosa@example.com'
const PASSWORD = randomBytes(12).toString('hex')

/** @typedef {{ npm: import('node:child_process').ChildProcess, ended: Promise<number | null>, output(): string, port: number }} Product */

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'dealwright-smoke-'))
/** @type {Product | undefined} */
let running
try {
  await main()
} finally {
  if (running) await stop(running, 'SIGTERM')
  fs.rmSync(dataDir, { recursive: true, force: true })
}

async function main() {
  const first = await start('First start: installs, builds and', FIRST_START_MS)
  const rosa = visitor(first.port)
  await rosa.send('/setup', { name: 'Rosa Winter', email: EMAIL, password: PASSWORD })
  const lead = await rosa.send('/leads/create', {
    firstName: 'Émile',
    lastName: "O'Sommer",
    companyName: 'Sommer & Söhne',
  })
  assert.match(lead, /^\/leads\/\d+$/)
  const deal = await rosa.send(`${lead}/convert-to-deal`, { name: 'Three forklifts' })
  assert.match(deal, /^\/deals\/\d+$/)
  const second = await rosa.send('/leads/create', { firstName: 'Last', lastName: 'Moment' })
  // Not a moment later: what was answered must be stored.
  await stop(first, 'SIGKILL')
  say('Killed with kill -9 right behind a save.')

  const again = await start('Start after kill -9:', LATER_START_MS)
  await everythingIsThere(visitor(again.port), { lead, deal, second })
  assert.equal(await stop(again, 'SIGTERM'), 0, 'SIGTERM ends the product with exit code 0')
  say('SIGTERM ended it with exit code 0.')

  if (process.argv.includes('--lean')) execFileSync('npm', ['prune', '--omit=dev', '--no-audit', '--no-fund'])
  const third = await start('Start with nothing changed:', LATER_START_MS)
  await everythingIsThere(visitor(third.port), { lead, deal, second })
  const location = /Its data is in (.+)/.exec(third.output())?.[1] ?? dataDir
  assert.equal(await stop(third, 'SIGTERM'), 0)
  assert.deepEqual(processesOf(location), [], 'nothing of it is left running')
  if (!location.startsWith(dataDir)) fs.rmSync(location, { recursive: true, force: true })
}

/**
 * @param {Visitor} rosa
 * @param {{ lead: string, deal: string, second: string }} paths
 */
async function everythingIsThere(rosa, { lead, deal, second }) {
  await rosa.send('/login', { email: EMAIL, password: PASSWORD })
  assert.match(await rosa.read('/leads?q=sommer+emile'), new RegExp(`href="${lead}"`))
  assert.match(await rosa.read(lead), new RegExp(`href="${deal}"`))
  assert.match(await rosa.read(deal), /Three forklifts/)
  assert.match(await rosa.read(second), /Last Moment/)
  say('  The leads and the deal are there.')
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`)
}

// --- the product -----------------------------------------------------------------------------------------------------

/**
 * @param {string} words
 * @param {number} limit in which it must be ready, in milliseconds
 * @returns {Promise<Product>}
 */
async function start(words, limit) {
  const port = await freePort()
  const started = Date.now()
  const npm = spawn('npm', ['start'], {
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn', NODE_ENV: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (output += chunk))
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve, reject) => {
    npm.once('error', reject)
    npm.once('close', resolve)
  })
  running = { npm, ended, output: () => output, port }
  while (!(await isReady(port))) {
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}:\n${output}`)
    if (Date.now() - started > FIRST_START_MS) throw new Error(`npm start is not ready after ten minutes:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const took = Date.now() - started
  say(`${words} ready in ${(took / 1000).toFixed(2)} s`)
  assert.ok(took <= limit, `ready in ${took} ms, which is more than ${limit} ms`)
  return running
}

/** @param {number} port */
async function isReady(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200
  } catch {
    // Nobody listens yet.
    return false
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/**
 * Sends the signal to the product itself: npm, which started it, only passes on how it ended.
 * @param {Product} product
 * @param {NodeJS.Signals} signal
 */
async function stop({ npm, ended }, signal) {
  running = undefined
  const { pid } = npm
  const app =
    pid === undefined ? undefined : descendantsOf(pid).find((each) => commandOf(each).includes('dist/src/server.js'))
  if (app !== undefined) process.kill(app, signal)
  else npm.kill(signal)
  return ended
}

// --- processes -------------------------------------------------------------------------------------------------------

/**
 * @param {number} pid
 * @returns {number[]} the innermost first: a shell between npm and the product has the product's command line, too
 */
function descendantsOf(pid) {
  const children = allProcesses().filter((each) => parentOf(each) === pid)
  return [...children.flatMap(descendantsOf), ...children]
}

/** @param {string} folder */
function processesOf(folder) {
  return allProcesses()
    .map(commandOf)
    .filter((command) => command.includes(folder))
}

function allProcesses() {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** @param {number} pid */
function parentOf(pid) {
  // pid (name) state parent …, and the name may have anything in it.
  return Number(contentOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1])
}

/** @param {number} pid */
function commandOf(pid) {
  return contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
}

/** @param {string} file */
function contentOf(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    // The process has just ended.
    return ''
  }
}

// --- a browser without JavaScript ------------------------------------------------------------------------------------

/** @typedef {ReturnType<typeof visitor>} Visitor */

/** @param {number} port */
function visitor(port) {
  const origin = `http://127.0.0.1:${port}`
  let cookie = ''

  /**
   * @param {string} address
   * @param {NonNullable<Parameters<typeof fetch>[1]>} [options]
   */
  const ask = async (address, options = {}) => {
    const answer = await fetch(origin + address, { ...options, redirect: 'manual', headers: { cookie } })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return answer
  }

  /** @param {string} address */
  const read = async (address) => {
    const answer = await ask(address)
    assert.equal(answer.status, 200, `GET ${address}`)
    return answer.text()
  }

  /**
   * Opens the page, fills its form in and sends it.
   * @param {string} address
   * @param {Record<string, string>} typed
   * @returns {Promise<string>} where it leads
   */
  const send = async (address, typed) => {
    const fields = fieldsOf(await read(address), address)
    const body = new URLSearchParams({ ...fields, ...typed })
    const answer = await ask(address, { method: 'POST', body })
    assert.equal(answer.status, 303, `POST ${address}: ${answer.status}\n${await answer.text()}`)
    return answer.headers.get('location') ?? ''
  }

  return { read, send }
}

/**
 * What the form that posts to `action` holds as it is opened.
 * @param {string} html
 * @param {string} action
 */
function fieldsOf(html, action) {
  const form = html.match(/<form\b[\s\S]*?<\/form>/g)?.find((each) => each.includes(`action="${action}"`))
  assert.ok(form, `a form that posts to ${action}`)
  /** @type {Record<string, string>} */
  const fields = {}
  for (const [, attributes = ''] of form.matchAll(/<input\b([^>]*)>/g)) {
    const name = attribute(attributes, 'name')
    const isOff = ['checkbox', 'radio'].includes(attribute(attributes, 'type')) && !/\bchecked\b/.test(attributes)
    if (name && !isOff) fields[name] = attribute(attributes, 'value')
  }
  for (const [, attributes = '', options = ''] of form.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const all = [...options.matchAll(/<option\b([^>]*)>/g)].map(([, each = '']) => each)
    const chosen = all.find((each) => /\bselected\b/.test(each)) ?? all[0]
    if (chosen !== undefined) fields[attribute(attributes, 'name')] = attribute(chosen, 'value')
  }
  return fields
}

/**
 * @param {string} attributes
 * @param {string} name
 */
function attribute(attributes, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
  return value
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
