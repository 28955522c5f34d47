import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Step } from './load.ts'

/** Rows of leads, and with them of everything else, in the databases that are measured. */
export const SMALL = 1_000
export const LARGE = 100_000
export const LARGER = 200_000
export const LARGEST = 1_000_000

/** Records of a database that pages can be asked for and forms sent to. */
export interface Records {
  deals: number[]
  openDeals: number[]
  leads: number[]
  clients: number[]
}

export interface Page {
  name: string
  /** The sizes it is measured at, the smallest first: what the others are compared with. */
  sizes: readonly number[]
  /** How many times the time at the smallest it may take at the larger ones. */
  growth: number
  /** Milliseconds it may take at one connection at any of the sizes. */
  within?: number
  /** Connections where it is asked by many; sixteen unless given. */
  connections?: number
  /** How many records each of its requests is about, where that is more than one. */
  records?: number
  /** Taken in turns, each connection with records of its own. */
  steps(records: Records): readonly Step[]
}

const USUAL = { sizes: [SMALL, LARGE], growth: 1.3 } as const
const MANY_ROWS = { sizes: [SMALL, LARGE, LARGEST], growth: 1.5 } as const
const BOARD = { sizes: [SMALL, LARGE, LARGER], growth: 3 } as const

function reading(path: string): Page['steps'] {
  return () => [{ path, isTimed: true }]
}

const LEAD = {
  firstName: 'Gudrun',
  lastName: 'Measured',
  companyName: 'Stopwatch & Sons',
  email: 'gudrun@stopwatch.example',
  phone: '+49 40 5550123',
  title: 'Head of Timing',
  source: 'Fair',
  status: 'new',
  score: '70',
  estimatedValue: '12500.50',
  currencyCode: 'EUR',
  ownerId: '1',
  tags: 'export',
  notes: 'Wants to know how long it takes.',
}

const { score, ownerId, tags, ...LEAD_TEXTS } = LEAD
const API_LEAD = { ...LEAD_TEXTS, score: Number(score), ownerId: Number(ownerId), tags: [tags] }
const BULK = 1_000

/** What is measured, in this order: what writes comes last, as it changes what is read. */
export const PAGES: readonly Page[] = [
  { name: 'Leads list', ...MANY_ROWS, growth: 1.3, steps: reading('/leads') },
  { name: 'Leads list, one status', ...MANY_ROWS, steps: reading('/leads?status=qualified') },
  { name: 'Leads list, by score', ...MANY_ROWS, steps: reading('/leads?sort=-score') },
  { name: 'Leads list, a frequent word', ...MANY_ROWS, steps: reading('/leads?q=logistics') },
  { name: 'Leads list, one lead’s e-mail', ...MANY_ROWS, steps: reading('/leads?q=lead502%40company71.example') },
  { name: 'Deals list', ...MANY_ROWS, steps: reading('/deals') },
  { name: 'Deals list, one stage', ...MANY_ROWS, steps: reading('/deals?stage=negotiation') },
  { name: 'Deals list, by value', ...MANY_ROWS, steps: reading('/deals?sort=-value') },
  { name: 'Clients list', ...MANY_ROWS, steps: reading('/clients') },
  { name: 'Contacts list', ...MANY_ROWS, steps: reading('/contacts') },
  { name: 'Communications list', ...MANY_ROWS, steps: reading('/communications') },
  { name: 'Activities list', ...MANY_ROWS, steps: reading('/activities') },
  { name: 'Activities list, mine, pending', ...MANY_ROWS, steps: reading('/activities?assignee=me&status=pending') },
  { name: 'Search, one person', ...MANY_ROWS, steps: reading('/search?q=lead502%40company71.example') },
  { name: 'Search, a frequent word', ...MANY_ROWS, steps: reading('/search?q=logistics') },
  { name: 'Search, two words', ...MANY_ROWS, steps: reading('/search?q=zoe+muller') },
  {
    name: 'Deal',
    ...USUAL,
    steps: ({ deals }) => [{ path: '/deals/{id}', isTimed: true, ids: deals }],
  },
  { name: 'Client', ...MANY_ROWS, steps: ({ clients }) => [{ path: '/clients/{id}', isTimed: true, ids: clients }] },
  { name: 'Board', ...BOARD, steps: reading('/deals/pipeline') },
  { name: 'Today', ...MANY_ROWS, steps: reading('/') },
  { name: 'Dashboard', sizes: [SMALL, LARGER], growth: Infinity, within: 300, steps: reading('/reports') },
  {
    name: 'Moving a deal',
    ...BOARD,
    steps: ({ openDeals }) =>
      ['proposal', 'negotiation'].map((stage) => ({
        path: '/deals/{id}/move',
        ids: openDeals,
        form: { stage },
        isTimed: true,
      })),
  },
  {
    name: 'Closing a deal',
    ...BOARD,
    steps: (): readonly Step[] => [
      {
        path: '/deals/create',
        form: { name: 'Chronometers', currencyCode: 'EUR', value: '12500.50', submission: NEW_UUID },
        isTimed: false,
      },
      { path: '{shown}/close-won', form: {}, isTimed: true },
    ],
  },
  {
    name: 'Converting a lead',
    ...BOARD,
    steps: (): readonly Step[] => [
      { path: '/leads/create', form: { ...LEAD, submission: NEW_UUID }, isTimed: false },
      {
        path: '{shown}/convert-to-deal',
        form: {
          client: 'new',
          clientName: 'Stopwatch & Sons',
          contact: 'new',
          firstName: 'Gudrun',
          lastName: 'Measured',
          name: 'Chronometers',
          currencyCode: 'EUR',
          value: '12500.50',
        },
        isTimed: true,
      },
    ],
  },
  {
    name: 'Creating a lead, being shown it',
    ...USUAL,
    steps: () => [
      { path: '/leads/create', form: { ...LEAD, submission: NEW_UUID }, isTimed: true },
      { path: '{shown}', isTimed: false },
    ],
  },
]

/** What programs ask, after the pages; held against the floor, too. */
export const API_PAGES: readonly Page[] = [
  {
    name: 'API, reading one lead',
    ...USUAL,
    steps: ({ leads }) => [
      { path: '/api/v1/leads/{id}', api: { method: 'GET', answer: 200 }, ids: leads, isTimed: true },
    ],
  },
  {
    name: 'API, a page of fifty leads',
    ...USUAL,
    records: 50,
    steps: () => [{ path: '/api/v1/leads', api: { method: 'GET', answer: 200 }, isTimed: true }],
  },
  {
    name: 'API, changing a lead',
    ...USUAL,
    steps: ({ leads }) =>
      // By turns: what changes nothing is not written.
      ['By telephone.', 'By letter.'].map((notes) => ({
        path: '/api/v1/leads/{id}',
        api: { method: 'PATCH', body: { notes }, answer: 200 },
        ids: leads,
        isTimed: true,
      })),
  },
  {
    name: 'API, creating a lead',
    ...USUAL,
    steps: () => [{ path: '/api/v1/leads', api: { method: 'POST', body: API_LEAD, answer: 201 }, isTimed: true }],
  },
  {
    name: 'API, creating a thousand leads',
    ...USUAL,
    // Each is a large transaction of its own: sixteen at once would measure the queue.
    connections: 2,
    records: BULK,
    steps: () => [
      {
        path: '/api/v1/leads/bulk',
        api: { method: 'POST', body: { items: Array.from({ length: BULK }, () => API_LEAD) }, answer: 200 },
        isTimed: true,
      },
    ],
  },
]

/** In a form: another uuid each time it is sent. */
export const NEW_UUID = '{uuid}'

export function filledIn(form: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, value === NEW_UUID ? randomUUID() : value]),
  )
}

/** Some hundred records of each kind, the same for each run. */
export async function recordsOf(url: string): Promise<Records> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const ids = async (select: string) =>
      (await client.query<{ id: number }>(`SELECT id FROM ${select} ORDER BY id LIMIT 160`)).rows.map(({ id }) => id)
    return {
      // Each fourth has activities.
      deals: await ids('deals WHERE id % 4 = 0'),
      openDeals: await ids(`deals WHERE status = 'open' AND id > 400`),
      leads: await ids('leads WHERE id % 4 = 0'),
      clients: await ids('clients'),
    }
  } finally {
    await client.end()
  }
}
