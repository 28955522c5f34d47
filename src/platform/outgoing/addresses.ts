import ipaddr from 'ipaddr.js'
import { StartupError } from '../errors.ts'

/** Which addresses the product may call on somebody's behalf. */
export interface Guard {
  /** Is `address` (an IP) to be connected to, when `host` was asked for? */
  permits(host: string, address: string): boolean
  /** Is the name allowed, wherever it leads? */
  knows(host: string): boolean
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*$/i
/** All of IPv6 that is given out; what is embedded or reserved elsewhere leads into somebody's own network. */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3')
/** Public by their number, but answered by the cloud a machine runs in, to that machine alone. */
const OF_THE_CLOUD = ['168.63.129.16']

/**
 * The public internet, and what `allowed` names: hosts, addresses, networks ("hooks.intern", "10.1.2.3", "10.1.0.0/16"). Throws StartupError
 * for an entry that is none of these.
 */
export function guardOf(allowed: readonly string[] = []): Guard {
  const hosts = new Set<string>()
  const networks: Network[] = []
  for (const entry of allowed) {
    const network = networkOf(entry)
    if (network) networks.push(network)
    else if (HOST_NAME.test(entry) && !/^[\d.]+$/.test(entry)) hosts.add(entry.toLowerCase())
    else
      throw new StartupError(
        `WEBHOOK_ALLOWED_NETWORKS: "${entry}" is no host, no address and no network like 10.1.0.0/16.`,
      )
  }
  const knows = (host: string) => hosts.has(host.toLowerCase())
  return {
    knows,
    permits: (host, address) => {
      if (!ipaddr.isValid(address)) return false
      const ip = ipaddr.process(address)
      return knows(host) || isPublic(ip) || networks.some((network) => isWithin(ip, network))
    },
  }
}

function networkOf(entry: string): Network | null {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry)
  // "10.1" is an address to some, and none that anybody means.
  if (!ipaddr.IPv6.isValid(entry) && !ipaddr.IPv4.isValidFourPartDecimal(entry)) return null
  const ip = ipaddr.process(entry)
  return [ip, ip.kind() === 'ipv4' ? 32 : 128]
}

function isWithin(ip: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return ip.kind() === network.kind() && ip.match(network, bits)
}

function isPublic(ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (ip.range() !== 'unicast') return false
  return ip.kind() === 'ipv6' ? isWithin(ip, GIVEN_OUT) : !OF_THE_CLOUD.includes(ip.toString())
}
