import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import express, { Router } from 'express'
import { fromRoot } from '../../paths.ts'

const require = createRequire(import.meta.url)

/** Modules of others that the browser loads, as the import map names them, and the files they are served from. */
const MODULES: Readonly<Record<string, string>> = {
  '@hotwired/turbo': join(dirname(require.resolve('@hotwired/turbo/package.json')), 'dist/turbo.es2017-esm.js'),
  '@hotwired/stimulus': join(dirname(require.resolve('@hotwired/stimulus/package.json')), 'dist/stimulus.js'),
  sortablejs: join(dirname(require.resolve('sortablejs/package.json')), 'modular/sortable.esm.js'),
}

const PUBLIC = fromRoot('public')

/** What the browser may load: each file at a URL that changes with its content, so that it can be kept for a year. */
interface Assets {
  url(path: string): string
  importMap: string
  router: Router
}

export function readAssets(): Assets {
  const urls = new Map<string, string>()
  const imports: Record<string, string> = {}
  for (const path of filesBelow(PUBLIC)) {
    const url = `/assets/${path}?v=${hashOf(join(PUBLIC, path))}`
    urls.set(path, url)
    if (path.endsWith('.js')) imports[path] = url
  }
  const router = Router()
  for (const [name, file] of Object.entries(MODULES)) {
    const path = `/modules/${name.replace('@', '')}.js`
    imports[name] = `/assets${path}?v=${hashOf(file)}`
    router.get(path, (_req, res) => {
      res.sendFile(file, CACHED)
    })
  }
  router.use(express.static(PUBLIC, { index: false, redirect: false, ...CACHED }))
  // Nothing else lives here: without this, a missing picture would be answered with the sign-in page.
  router.use((_req, res) => {
    res.status(404).type('text').send('Not found')
  })
  return {
    router,
    importMap: JSON.stringify({ imports }),
    url: (path) => {
      const url = urls.get(path)
      if (!url) throw new Error(`no asset "${path}" in public/`)
      return url
    },
  }
}

const CACHED = { maxAge: 365 * 24 * 3_600_000, immutable: true }

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)
}

/** The style element Turbo adds for its progress bar, which the content security policy must know by its hash. */
export function turboProgressBarStyle(): string {
  const source = readFileSync(MODULES['@hotwired/turbo'] as string, 'utf8')
  const template = /static get defaultCSS\(\) \{\s*return unindent`\n([^`]*)`/.exec(source)?.[1]
  const duration = Number(/static animationDuration = (\d+)/.exec(source)?.[1])
  if (template === undefined || Number.isNaN(duration))
    throw new Error("Turbo's progress bar has changed: its style was not found")
  const lines = template
    .replace('${ProgressBar.animationDuration}', String(duration))
    .replaceAll('${ProgressBar.animationDuration / 2}', String(duration / 2))
    .split('\n')
  const indent = /^\s*/.exec(lines[0] ?? '')?.[0].length ?? 0
  return lines.map((line) => line.slice(indent)).join('\n')
}
