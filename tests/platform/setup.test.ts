import { spawn } from 'node:child_process'
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

// The real bin/setup in a small project, whose npm, prisma, tsc and tailwind write what theirs would and nothing else.
const SETUP = fileURLToPath(new URL('../../bin/setup', import.meta.url))

let project: string

beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'dealwright-setup-'))
  await write('package.json', {
    type: 'module',
    devDependencies: { prisma: '1.0.0', typescript: '1.0.0', '@tailwindcss/cli': '1.0.0' },
  })
  await lock({ 'node_modules/express': { version: '5.0.0' } })
  await write('prisma/schema.prisma', 'model Lead')
  await write('src/server.ts', 'listen()')
  await write('views/today.ejs', '<h1>')
  await write('npm-cli.js', NPM)
  await mkdir(path.join(project, 'bin'))
  await copyFile(SETUP, path.join(project, 'bin/setup'))
})

afterEach(async () => {
  await rm(project, { recursive: true, force: true })
})

/** `npm ci`: empties node_modules, brings the tools. */
const NPM = `
  import fs from 'node:fs'
  const tool = (file, code) => {
    fs.mkdirSync('node_modules/' + file.slice(0, file.lastIndexOf('/')), { recursive: true })
    fs.writeFileSync('node_modules/' + file, code)
  }
  if (process.argv[2] !== 'ci' || !process.argv.includes('--include=dev')) process.exit(1)
  fs.rmSync('node_modules', { recursive: true, force: true })
  tool('prisma/build/index.js', "if (!process.env.PRISMA_SCHEMA_ENGINE_BINARY) process.exit(1); require('fs').mkdirSync('src/platform/database/generated', { recursive: true })")
  tool('typescript/bin/tsc', "const fs = require('fs'); const source = fs.readFileSync('src/server.ts', 'utf8'); if (source.includes('error')) { console.log('src/server.ts: ' + source); process.exit(2) } fs.mkdirSync('dist/src', { recursive: true }); fs.writeFileSync('dist/src/server.js', source)")
  tool('@tailwindcss/cli/dist/index.mjs', "import fs from 'node:fs'; fs.mkdirSync('public', { recursive: true }); fs.writeFileSync('public/app.css', '')")
  fs.writeFileSync('node_modules/prisma/package.json', '{}')
  fs.writeFileSync('node_modules/typescript/package.json', '{}')
`

async function write(file: string, content: string | object): Promise<void> {
  await mkdir(path.dirname(path.join(project, file)), { recursive: true })
  await writeFile(path.join(project, file), typeof content === 'string' ? content : JSON.stringify(content))
}

function lock(packages: Record<string, object>): Promise<void> {
  return write('package-lock.json', { packages })
}

async function setup(...args: string[]): Promise<{ code: number | null; output: string; steps: string[] }> {
  const child = spawn(process.execPath, ['bin/setup', ...args], {
    cwd: project,
    env: { ...process.env, npm_execpath: path.join(project, 'npm-cli.js') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const steps = [...output.matchAll(/^(Installing|Generating|Compiling|Building|Waiting)\b/gm)].map(
    ([, step = '']) => step,
  )
  return { code, output, steps: steps.sort() }
}

const EVERYTHING = ['Building', 'Compiling', 'Generating', 'Installing']

test('the first time it does everything, the second time nothing and in no time', async () => {
  expect(await setup()).toMatchObject({ code: 0, steps: EVERYTHING })

  const begun = performance.now()
  expect(await setup()).toMatchObject({ code: 0, output: '' })
  expect(performance.now() - begun).toBeLessThan(1_000)
})

test('only what changed is done again', async () => {
  await setup()

  await write('views/leads.ejs', '<h1>')
  expect((await setup()).steps).toEqual(['Building', 'Compiling'])

  await write('prisma/schema.prisma', 'model Deal')
  expect((await setup()).steps).toEqual(['Building', 'Compiling', 'Generating'])

  await lock({ 'node_modules/express': { version: '5.0.1' } })
  expect((await setup()).steps).toEqual(EVERYTHING)

  await rm(path.join(project, 'public/app.css'))
  expect((await setup()).steps).toEqual(['Building', 'Compiling'])

  await rm(path.join(project, 'node_modules'), { recursive: true })
  expect((await setup()).steps).toEqual(['Installing'])
})

test('an edit that keeps size and time is seen', async () => {
  await setup()
  const file = path.join(project, 'src/server.ts')
  const { atime, mtime } = await stat(file)
  await writeFile(file, 'LISTEN()')
  await utimes(file, atime, mtime)

  expect((await setup()).steps).toEqual(['Building', 'Compiling'])
  expect(await readFile(path.join(project, 'dist/src/server.js'), 'utf8')).toBe('LISTEN()')
})

test('a touch, or npm writing the same packages in another order, rebuilds nothing', async () => {
  await lock({
    'node_modules/express': { version: '5.0.0' },
    'node_modules/zod': { version: '4.0.0', dev: true },
  })
  await setup()
  await utimes(path.join(project, 'src/server.ts'), 1, 1)
  await lock({
    'node_modules/zod': { dev: true, version: '4.0.0' },
    'node_modules/express': { version: '5.0.0' },
  })

  expect((await setup()).output).toBe('')
})

test('a build runs without its development packages; checks and the next build bring them back', async () => {
  await setup()
  const prune = () => rm(path.join(project, 'node_modules/typescript'), { recursive: true })

  await prune()
  expect((await setup()).output).toBe('')
  expect((await setup('--generate')).steps).toEqual(['Installing'])

  await prune()
  await appendFile(path.join(project, 'src/server.ts'), '\n')
  expect((await setup()).steps).toEqual(['Building', 'Compiling', 'Installing'])
})

test('--generate builds nothing, --build builds always', async () => {
  expect((await setup('--generate')).steps).toEqual(['Generating', 'Installing'])
  expect((await setup('--build')).steps).toEqual(['Building', 'Compiling'])
  expect((await setup('--build')).steps).toEqual(['Building', 'Compiling'])
})

test('a step that fails shows its output, fails the setup, and is done again', async () => {
  await write('src/server.ts', 'error TS1: no')
  const failed = await setup()
  expect(failed.code).toBe(1)
  expect(failed.output).toContain('src/server.ts: error TS1: no\nCompiling failed (exit code 2).')

  expect((await setup()).code).toBe(1)
  await write('src/server.ts', 'listen()')
  expect((await setup()).code).toBe(0)
})

test('of two at once one works and the other waits for it', async () => {
  const both = await Promise.all([setup(), setup()])

  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(
    both
      .flatMap(({ steps }) => steps)
      .filter((step) => step !== 'Waiting')
      .sort(),
  ).toEqual(EVERYTHING)
})

test('a lock left by a setup that was killed is no obstacle', async () => {
  const gone = spawn('node', ['--version'], { stdio: 'ignore' })
  await new Promise((resolve) => gone.once('close', resolve))
  await write('.setup/lock', String(gone.pid))

  expect(await setup()).toMatchObject({ code: 0, steps: EVERYTHING })
})

test('an unknown option is named', async () => {
  expect(await setup('--fast')).toMatchObject({
    code: 1,
    output: 'bin/setup knows --build and --generate, not --fast.\n',
  })
})
