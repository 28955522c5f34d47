/**
 * The least that a page of fifty leads can cost with the product's own means: a bare Express + pg + EJS route, one indexed query, a page as large as
 * the product's, and nothing else: no session, no user, no tokens, no words, no headers. A program of its own, started by run.ts.
 *
 * DATABASE_URL: a filled database. PAGE_BYTES: the size to reach.
 */
import type { AddressInfo } from 'node:net'
import express from 'express'
import pg from 'pg'

interface Lead {
  id: number
  first_name: string
  last_name: string
  company_name: string | null
  status: string
  score: number | null
  estimated_value: string | null
  currency_code: string
  owner_id: number | null
  updated_at: Date
}

const QUERY = `SELECT id, first_name, last_name, company_name, status, score, estimated_value, currency_code, owner_id, updated_at
  FROM leads WHERE is_active ORDER BY updated_at DESC, id DESC LIMIT 50`

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const app = express()
// The product sends none, either.
app.disable('etag')
app.set('view engine', 'ejs')
app.set('views', [import.meta.dirname])
app.set('view cache', true)

let filler = ''
app.get('/', async (_req, res) => {
  const { rows } = await pool.query<Lead>(QUERY)
  res.render('floor', { leads: rows, filler })
})

const server = app.listen(0, '127.0.0.1', async () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const bare = Buffer.byteLength(await (await fetch(address)).text())
  filler = 'x'.repeat(Math.max(0, Number(process.env.PAGE_BYTES) - bare))
  console.log(`The floor is ready: ${address}`)
})

process.on('SIGTERM', () => {
  server.close(() => void pool.end())
  server.closeAllConnections()
})
