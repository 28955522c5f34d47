import type { RequestHandler } from 'express'
import type pg from 'pg'
import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** Counts and times for Prometheus: no names, no ids; a route stands for all its records. */
export function metrics(pool: pg.Pool): { measure: RequestHandler; report: RequestHandler } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to response',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  new Gauge({
    name: 'database_connections',
    help: 'Connections of the pool, by what they do',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'idle' }, pool.idleCount)
      this.set({ state: 'awaited' }, pool.waitingCount)
    },
  })
  return {
    measure: (req, res, next) => {
      const end = duration.startTimer()
      res.once('finish', () => {
        const route = (req.route as { path: string } | undefined)?.path
        end({
          method: req.method,
          route: route === undefined ? 'none' : `${req.baseUrl}${route}`,
          status: res.statusCode,
        })
      })
      next()
    },
    report: async (_req, res) => {
      res.type(registry.contentType).send(await registry.metrics())
    },
  }
}
