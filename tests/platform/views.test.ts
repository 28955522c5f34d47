import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freeNames } from '../../src/platform/http/free-names.ts'
import { viewEngine } from '../../src/platform/http/views.ts'

const folder = mkdtempSync(join(tmpdir(), 'views-'))
afterAll(() => rmSync(folder, { recursive: true }))

let number = 0

function write(text: string): string {
  const name = `view${++number}`
  writeFileSync(join(folder, `${name}.ejs`), text)
  return name
}

function print(text: string, locals: object = {}): Promise<string> {
  const file = join(folder, `${write(text)}.ejs`)
  return new Promise((resolve, reject) => {
    viewEngine(folder, true)(file, locals, (error, html) =>
      error instanceof Error ? reject(error) : resolve(html ?? ''),
    )
  })
}

test('a view prints its locals, escaped, and what JavaScript itself knows', async () => {
  expect(await print('<%= name %> <%= Math.max(1, 2) %> <%- name %>', { name: '<b>' })).toBe('&lt;b&gt; 2 <b>')
})

test('a local that is not given is an error at once, even where it would not be printed', async () => {
  await expect(print('<% if (false) { %><%= name %><% } %>')).rejects.toThrow(/name is not given to .*view/)
})

test('unless the first line says that it may be missing', async () => {
  expect(await print('<%# locals: lead, hint? (words). %>\n<%= lead %><%= hint %>', { lead: 'Ada' })).toBe('\nAda')
})

test('a name that a view declares is its own, whatever the page has', async () => {
  expect(await print('<% for (const lead of leads) { %><%= lead %>,<% } %>', { leads: [1, 2], lead: 9 })).toBe('1,2,')
})

test('a partial sees the locals of what includes it, and its own before them', async () => {
  const inner = write('<%= a %><%= b %>')
  expect(await print(`<%- include('${inner}', { b: 'own' }) %>`, { a: 'page', b: 'page' })).toBe('pageown')
})

test('what may be missing is asked of `locals`, wherever it was given', async () => {
  const innermost = write('<%= locals.a %><%= locals.b %><%= locals.c %>|<%= locals.d ?? "none" %>')
  const inner = write(`<%- include('${innermost}', { c: 'own' }) %>`)
  expect(await print(`<%- include('${inner}', { b: 'outer', c: 'outer' }) %>`, { a: 'page', b: 'page' })).toBe(
    'pageouterown|none',
  )
})

test('a partial given other values is printed anew', async () => {
  const inner = write('<%= n %>')
  expect(await print(`<% for (const n of [1, 2, 1]) { %><%- include('${inner}', { n }) %><% } %>`)).toBe('121')
})

test('free names: what is used and not declared', () => {
  const body = `
    const { a, b: [c = d], ...rest } = e
    for (const f of g.h[i]) j({ k, l: m, [n]: 0 }, ({ o }) => o + p, function q(r) { return r.s?.t })
    try { u() } catch (v) { w = v }
    label: \`\${x}\``
  expect(freeNames(body).sort()).toEqual(['d', 'e', 'g', 'i', 'j', 'k', 'm', 'n', 'p', 'u', 'w', 'x'])
})
