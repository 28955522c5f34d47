import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { fromRoot } from '../../src/paths.ts'
import { ask, newDatabase, newFile } from '../support/archives.ts'
import type { Place } from '../support/archives.ts'

const template = inject('template')

/** The most memory it takes, in megabytes, in a process that may keep little. */
async function memoryOf(what: 'export' | 'import', place: Place, file: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--max-old-space-size=48', '--import', 'tsx', fromRoot('tests', 'support', 'archive-process.ts')],
    ...[what, JSON.stringify(place), file],
  ])
  return Number(stdout)
}

test('the size of an installation does not matter to the memory of either', async () => {
  const small = await newDatabase(template)
  const large = await newDatabase(template)
  // Text that gzip cannot make small, as in the history of a large installation: some 60 MB.
  await ask(
    large,
    `INSERT INTO changes (change_set, actor, table_name, record_id, operation, new_row)
       SELECT gen_random_uuid(), 'system', 'leads', n, 'insert',
              jsonb_build_object('id', n, 'notes', (SELECT string_agg(md5(random()::text || n || part), ' ') FROM generate_series(1, 12) AS part))
       FROM generate_series(1, 100000) AS n`,
  )
  const [smallFile, largeFile] = [newFile(), newFile()]

  const exported = [await memoryOf('export', small, smallFile), await memoryOf('export', large, largeFile)]
  const imported = [
    await memoryOf('import', await newDatabase(), smallFile),
    await memoryOf('import', await newDatabase(), largeFile),
  ]

  expect(statSync(largeFile).size).toBeGreaterThan(20e6)
  for (const [few = 0, many = Infinity] of [exported, imported]) expect(many - few).toBeLessThan(50)
}, 180_000)
