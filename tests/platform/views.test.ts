import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { freeNames } from '../../src/platform/http/free-names.ts'
import { viewPrinter } from '../../src/platform/http/views.ts'

const folder = mkdtempSync(join(tmpdir(), 'views-'))
afterAll(() => rmSync(folder, { recursive: true }))

let number = 0

function write(text: string): string {
  const name = `view${++number}`
  writeFileSync(join(folder, `${name}.ejs`), text)
  return name
}

function print(text: string, locals: Readonly<Record<string, unknown>> = {}): string {
  return viewPrinter(folder, true)(write(text), locals)
}

test('a view prints its locals, escaped, and what JavaScript itself knows', () => {
  expect(print('<%= name %> <%= Math.max(1, 2) %> <%- name %>', { name: '<b>' })).toBe('&lt;b&gt; 2 <b>')
})

test('a local that is not given is an error at once, even where it would not be printed', () => {
  expect(() => print('<% if (false) { %><%= name %><% } %>')).toThrow(/name is not given to .*view/)
})

test('unless the first line says that it may be missing', () => {
  expect(print('<%# locals: lead, hint? (words). %>\n<%= lead %><%= hint %>', { lead: 'Ada' })).toBe('\nAda')
})

test('a name that a view declares is its own, whatever the page has', () => {
  expect(print('<% for (const lead of leads) { %><%= lead %>,<% } %>', { leads: [1, 2], lead: 9 })).toBe('1,2,')
})

test('a partial sees the locals of what includes it, and its own before them', () => {
  const inner = write('<%= a %><%= b %>')
  expect(print(`<%- include('${inner}', { b: 'own' }) %>`, { a: 'page', b: 'page' })).toBe('pageown')
})

test('what may be missing is asked of `locals`, wherever it was given', () => {
  const innermost = write('<%= locals.a %><%= locals.b %><%= locals.c %>|<%= locals.d ?? "none" %>')
  const inner = write(`<%- include('${innermost}', { c: 'own' }) %>`)
  expect(print(`<%- include('${inner}', { b: 'outer', c: 'outer' }) %>`, { a: 'page', b: 'page' })).toBe(
    'pageouterown|none',
  )
})

test('a partial given other values is printed anew', () => {
  const inner = write('<%= n %>')
  expect(print(`<% for (const n of [1, 2, 1]) { %><%- include('${inner}', { n }) %><% } %>`)).toBe('121')
})

describe('a partial that asks for nothing but plain values and the words of a language', () => {
  const words: Readonly<Record<string, string>> = { en: 'won', de: 'gewonnen' }
  const speaking = (lang: string, more: object = {}) => ({ lang, t: () => words[lang], ...more })

  /** Prints `text` on one page after the other, in which `PARTIAL` stands for a partial of `partial`. */
  function onPages(partial: string, text: string, pages: readonly Readonly<Record<string, unknown>>[]): string[] {
    const printer = viewPrinter(folder, true)
    const view = write(text.replace('PARTIAL', write(partial)))
    return pages.map((page) => printer(view, page))
  }

  test('is printed once for all pages', () => {
    let printed = 0
    const pages = ['a', 'a', 'b', 'a'].map((value) => ({ lang: 'en', value, t: () => ++printed }))

    expect(onPages('<%= value %><%= t() %>', `<%- include('PARTIAL', { value }) %>`, pages)).toEqual([
      'a1',
      'a1',
      'b2',
      'a1',
    ])
  })

  test('is another one in another language, and given something else', () => {
    expect(
      onPages('<%= t() %> <%= value %>', `<%- include('PARTIAL', { value }) %>`, [
        speaking('en', { value: 1 }),
        speaking('de', { value: 1 }),
        speaking('en', { value: '1' }),
        speaking('en', { value: 2 }),
        speaking('de', { value: 1 }),
      ]),
    ).toEqual(['won 1', 'gewonnen 1', 'won 1', 'won 2', 'gewonnen 1'])
  })

  test('is still one after it was printed on a page without a word that may be missing', () => {
    let printed = 0
    const pages = [{}, { tone: 'info' }, { tone: 'info' }].map((more) => ({ lang: 'en', t: () => ++printed, more }))
    const badge = '<%# locals: tone?. %><%= locals.tone %><%= t() %>'

    expect(onPages(badge, `<%- include('PARTIAL', more) %>`, pages)).toEqual(['1', 'info2', 'info2'])
  })

  test('cannot be told other words for one page', () => {
    expect(() => onPages('<%= t() %>', `<%- include('PARTIAL', { t: () => 'mine' }) %>`, [speaking('en')])).toThrow(
      /"t" is the same on all pages/,
    )
  })

  test('is none when it includes one that asks for what the page has', () => {
    const inner = write('<%= user %>')
    expect(
      onPages(`<%- include('${inner}') %>`, `<%- include('PARTIAL', { value: 1 }) %>`, [
        speaking('en', { user: 'Ada' }),
        speaking('en', { user: 'Grace' }),
      ]),
    ).toEqual(['Ada', 'Grace'])
  })

  test('nor when it is given objects, or asks what time it is', () => {
    const list = ['Ada']
    const pages = [1, 2].map((now) => speaking('en', { list, now }))
    const printer = viewPrinter(folder, true)
    const view = write(`<%- include('${write('<%= list.join() %>')}', { list }) %>`)
    const timed = write(`<%- include('${write('<%= Date.now() %>')}', { value: 1 }) %>`)

    expect(printer(view, pages[0] ?? {})).toBe('Ada')
    list.push('Grace')
    expect(printer(view, pages[1] ?? {})).toBe('Ada,Grace')
    vi.useFakeTimers({ now: 1 })
    const before = printer(timed, pages[0] ?? {})
    vi.setSystemTime(2)
    expect([before, printer(timed, pages[1] ?? {})]).toEqual(['1', '2'])
    vi.useRealTimers()
  })
})

test('free names: what is used and not declared', () => {
  const body = `
    const { a, b: [c = d], ...rest } = e
    for (const f of g.h[i]) j({ k, l: m, [n]: 0 }, ({ o }) => o + p, function q(r) { return r.s?.t })
    try { u() } catch (v) { w = v }
    label: \`\${x}\``
  expect(freeNames(body).sort()).toEqual(['d', 'e', 'g', 'i', 'j', 'k', 'm', 'n', 'p', 'u', 'w', 'x'])
})
