import { expect, test } from 'vitest'
import { gather } from './access-asking.ts'
import { leaksIn, marksIn, sees } from './access-world.ts'
import type { Actor, Noun, Part } from './access-world.ts'

const cast = await gather()

/** The records of these nouns that a text speaks of, as "leads 12". */
function toldIn(text: string, nouns: readonly Noun[]): string[] {
  const records = [...marksIn(text)].map((word) => cast.world.marks.get(word))
  return [
    ...new Set(records.flatMap((record) => (record && nouns.includes(record.noun) ? [nameOf(record)] : []))),
  ].sort()
}

const nameOf = ({ noun, id }: { noun: Noun; id: number }) => `${noun} ${id}`

type Known = Parameters<typeof sees>[2]

/** What this person must be told of, no more and no less. */
function seenBy(actor: Actor, nouns: readonly Noun[], among: (record: Known) => boolean): string[] {
  const records = [...new Set(cast.world.marks.values())]
  return records
    .filter((record) => nouns.includes(record.noun) && among(record) && sees(cast.world, actor, record))
    .map(nameOf)
    .sort()
}

const kept = ({ archived }: Known) => !archived
const everything = () => true

/** Each list and each file: what it is of, and whether what is archived, or hangs on something that is, still stands in it. */
const LISTS: [address: string, nouns: readonly Noun[], among: (record: Known) => boolean][] = [
  ['/leads', ['leads'], kept],
  ['/leads.csv', ['leads'], kept],
  ['/clients', ['clients'], kept],
  ['/clients.csv', ['clients'], kept],
  ['/contacts', ['contacts'], kept],
  ['/contacts.csv', ['contacts'], kept],
  ['/deals', ['deals'], kept],
  ['/deals.csv', ['deals'], kept],
  ['/deals/pipeline?period=all', ['deals'], kept],
  ['/communications', ['communications'], everything],
  ['/communications.csv', ['communications'], everything],
  ['/activities?kind=lead', ['lead-activities'], everything],
  ['/activities?kind=deal', ['deal-activities'], everything],
  ['/activities.csv', ['lead-activities', 'deal-activities'], everything],
  ['/trash', ['clients'], ({ archived }) => archived],
  ['/trash/contacts', ['contacts'], ({ archived }) => archived],
  ['/trash/leads', ['leads'], ({ archived }) => archived],
  ['/trash/deals', ['deals'], ({ archived }) => archived],
]

test.each(LISTS)('%s shows everybody what they see, and nothing else', async (address, nouns, among) => {
  for (const { actor, ask } of cast.people) {
    const { status, text } = await ask('get', address)

    expect([actor.name, status, toldIn(text, nouns)]).toEqual([actor.name, 200, seenBy(actor, nouns, among)])
    expect([actor.name, leaksIn(cast.world, actor, text)]).toEqual([actor.name, []])
  }
})

/** What was said with an archived client is found, and says with whom it was. */
function isTold({ noun }: Known, nouns: readonly Noun[]): boolean {
  return nouns.includes('communications') && ['clients', 'contacts', 'communications'].includes(noun)
}

/** What is looked for by a word, and what it is to find of the records that have it. */
const SEARCHES: [address: string, nouns: readonly Noun[]][] = [
  ['/search?q=', ['clients', 'contacts', 'leads', 'deals', 'communications']],
  ['/search/options?q=', ['clients', 'contacts', 'leads', 'deals', 'communications']],
  ['/clients/options?q=', ['clients']],
  ['/leads?q=', ['leads']],
  ['/deals.csv?q=', ['deals']],
]

test.each(SEARCHES)('%s finds for everybody what they see, and nothing else', async (address, nouns) => {
  for (const { actor, ask } of cast.people) {
    for (const part of cast.world.parts.filter(({ of }) => of === null || of === actor)) {
      const { text } = await ask('get', `${address}${part.word}`)
      const expected = seenBy(
        actor,
        nouns,
        (record) => part.ids[record.noun] === record.id && (kept(record) || isTold(record, nouns)),
      )

      expect([actor.name, part.name, toldIn(text, nouns)]).toEqual([actor.name, part.name, expected])
    }
  }
})

test('whoever enters a lead twice is told of it only when they see it', async () => {
  for (const { actor, ask } of cast.people) {
    for (const part of cast.world.parts.filter((part) => (part.of ?? actor) === actor && isKept(part))) {
      const email = [...cast.world.marks].find(
        ([word, { noun, id }]) => word.startsWith('zqleadmail') && noun === 'leads' && id === part.ids.leads,
      )?.[0]
      const { text } = await ask('get', `/leads/duplicates?email=${email}@example.com`)
      const isTold = new RegExp(`href="/leads/${part.ids.leads}"`).test(text)

      expect([actor.name, part.name, isTold]).toEqual([
        actor.name,
        part.name,
        sees(cast.world, actor, cast.world.find('leads', part.ids.leads)),
      ])
    }
  }
})

test('sums are of the deals that one sees, on the board and in the report', async () => {
  const { world } = cast
  for (const { actor, ask } of cast.people) {
    // One of them is closed.
    const open = world.parts.filter((part) => isKept(part) && !part.name.includes('finished'))
    const sum = open
      .filter(({ ids }) => sees(world, actor, world.find('deals', ids.deals)))
      .reduce((total, { ids }) => total + (world.values.get(ids.deals) ?? 0), 0)
    const report = await ask('get', '/reports/pipeline.csv')
    const board = await ask('get', '/deals/pipeline')
    const column = /id="stage-prospecting-title"[\s\S]*?<\/header>/.exec(board.text)?.[0] ?? ''

    expect([actor.name, report.text.includes(`,${sum}.00,`)]).toEqual([actor.name, true])
    expect([actor.name, /<span>€([\d,.]+)<\/span>/.exec(column)?.[1]?.replaceAll(',', '')]).toEqual([
      actor.name,
      `${sum}.00`,
    ])
  }
})

/** Whose work it is about is the reader's to choose; what it tells of is not. */
test.each(['/', '/?for=team', '/?for=all', '/reports?owner=none', '/reports?period=year', '/reports/sources.csv'])(
  '%s tells nobody of what they do not see',
  async (address) => {
    for (const { actor, ask } of cast.people) {
      const { text } = await ask('get', address)

      expect([actor.name, leaksIn(cast.world, actor, text)]).toEqual([actor.name, []])
    }
  },
)

test('Today shows everybody the deals of their own that are late', async () => {
  for (const { actor, ask } of cast.people) {
    const own = cast.world.parts
      .filter((part) => part.of === actor && isKept(part))
      .map(({ ids }) => `deals ${ids.deals}`)
    const told = toldIn((await ask('get', '/')).text, ['deals'])

    expect([actor.name, own.filter((deal) => !told.includes(deal))]).toEqual([actor.name, []])
  }
})

function isKept({ name }: Part): boolean {
  return !name.includes('archived')
}
