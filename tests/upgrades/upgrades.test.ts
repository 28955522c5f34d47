import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEMO_CAST } from '../../src/features/setup/demo.ts'
import { verifyArchive } from '../../src/platform/archive/read.ts'
import { importFile } from '../../src/platform/archive/restore.ts'
import { MIGRATIONS, readMigrations } from '../../src/platform/database/migrate.ts'
import { fromRoot } from '../../src/paths.ts'
import { ask, newDatabase } from '../support/archives.ts'
import { signInTo } from '../support/visit-database.ts'

const folder = fromRoot('tests', 'upgrades')
const archives = readdirSync(folder).filter((name) => name.endsWith('.archive'))

test('there are databases of older schemas to try', () => {
  expect(archives).toContain('20261122000012.archive')
})

describe.each(archives)('%s', (name) => {
  const file = join(folder, name)

  test('is the database of the schema that it is named after', async () => {
    const { header } = await verifyArchive(file)

    expect(`${header.migrations.at(-1)?.name.split('_')[0]}.archive`).toBe(name)
  })

  test('is brought up to today’s schema with all its rows, and works', async () => {
    const place = await newDatabase()

    const { header, trailer, migrated } = await importFile(place, file)

    const applied = [...header.migrations.map((migration) => migration.name), ...migrated]
    expect(applied.sort()).toEqual(readMigrations(MIGRATIONS).map((migration) => migration.name))
    for (const table of [
      'users',
      'clients',
      'contacts',
      'leads',
      'deals',
      'deal_history',
      'lead_activities',
      'quotes',
    ]) {
      const rows = await ask(place, `SELECT count(*)::int AS rows FROM ${table}`)
      expect({ table, rows }).toEqual({ table, rows: [{ rows: trailer.tables[table]?.rows }] })
    }

    const { email, password } = DEMO_CAST.admin
    const nora = await signInTo(place, email, password)
    expect(nora.answer.status).toBe(303)
    for (const [path, table, shown] of PAGES) {
      const [record] = await ask<{ id: number; name: string }>(
        place,
        `SELECT id, ${shown} AS name FROM ${table} WHERE is_active ORDER BY id LIMIT 1`,
      )
      const page = await nora.get(`${path}/${record?.id}`)
      expect({ path, status: page.status }).toEqual({ path, status: 200 })
      expect(decoded(page.text)).toContain(record?.name)
    }
    for (const path of [
      '/',
      '/leads',
      '/deals',
      '/deals/pipeline',
      '/clients',
      '/contacts',
      '/activities',
      '/reports',
    ]) {
      expect({ path, status: (await nora.get(path)).status }).toEqual({ path, status: 200 })
    }
    await nora.close()
  }, 120_000)
})

const PAGES = [
  ['/leads', 'leads', `first_name || ' ' || last_name`],
  ['/clients', 'clients', 'name'],
  ['/contacts', 'contacts', `first_name || ' ' || last_name`],
  ['/deals', 'deals', 'name'],
] as const

const decoded = (html: string) =>
  html
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
