import { createHash } from 'node:crypto'
import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { turboProgressBarStyle } from './assets.ts'

/**
 * Security headers. The policy allows our own files, and two inline texts by their hash: the import map and the style of Turbo's progress
 * bar. Referrer-Policy is same-origin: with no-referrer Chromium posts forms with `Origin: null`, and the origin check would refuse them.
 * What turns plain http into https is sent only when the product is reached by https.
 */
export function securityHeaders(options: { importMap: string; https: boolean }): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        fontSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'", hash(options.importMap)],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'", hash(turboProgressBarStyle())],
        ...(options.https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: options.https ? { maxAge: 365 * 24 * 3_600 } : false,
    xFrameOptions: { action: 'deny' },
    // On a plain-http address browsers ignore these two, and complain on the console for each page.
    crossOriginOpenerPolicy: options.https,
    originAgentCluster: options.https,
  })
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
