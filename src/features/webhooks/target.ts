import { isIP } from 'node:net'
import { RuleViolation } from '../../platform/errors.ts'
import type { Guard } from '../../platform/outgoing/addresses.ts'

/** The web's own, and those that anybody may use. Below are mail, shells, files: nothing that waits for a webhook. */
const OWN_PORTS = ['', '80', '443']
const FREE_PORTS_FROM = 1_024

/**
 * A receiver's address as it is kept. Throws RuleViolation at `url` for what no webhook can be sent to. Where a name leads is asked again each time
 * something is sent.
 */
export function targetOf(text: string, guard: Guard): string {
  const refuse = (
    key: 'webhooks.errors.url' | 'webhooks.errors.credentials' | 'webhooks.errors.port' | 'webhooks.errors.private',
  ) => new RuleViolation(key, 'url')
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.href.length > 2_000) throw refuse('webhooks.errors.url')
  if (url.username || url.password) throw refuse('webhooks.errors.credentials')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (!OWN_PORTS.includes(url.port) && Number(url.port) < FREE_PORTS_FROM) throw refuse('webhooks.errors.port')
  const refused = isIP(host) ? !guard.permits(host, host) : isThisMachine(host) && !guard.permits(host, '127.0.0.1')
  if (refused) throw refuse('webhooks.errors.private')
  // What follows # never leaves a program.
  url.hash = ''
  return url.href
}

/** Wherever it is asked for. */
function isThisMachine(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host)
}
