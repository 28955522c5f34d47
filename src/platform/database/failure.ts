import pg from 'pg'
import { Prisma } from './generated/client.ts'

interface Failure {
  /** SQLSTATE, or Prisma's own code (P2024, P2028), or the network's (ECONNREFUSED). */
  code: string
}

/** What the database said, whichever road the statement took; null when the error is not the database's. */
export function databaseFailure(error: unknown): Failure | null {
  if (error instanceof pg.DatabaseError) return { code: error.code ?? '' }
  if (error instanceof Prisma.PrismaClientKnownRequestError) return ofPrisma(error)
  if (error instanceof Prisma.PrismaClientInitializationError) return { code: 'ECONNREFUSED' }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return NETWORK.has(error.code) ? { code: error.code } : null
  }
  // pg and its pool say these without a code.
  if (
    error instanceof Error &&
    /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/.test(
      error.message,
    )
  ) {
    return { code: 'ECONNRESET' }
  }
  return null
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
])

/** Away, restarting, out of connections, or too busy to answer in time: worth a 503 and another try. */
export function isUnavailable({ code }: Failure): boolean {
  return (
    NETWORK.has(code) ||
    code.startsWith('08') ||
    code.startsWith('53') ||
    code.startsWith('57P') ||
    ['57014', '55P03', '40001', '40P01', 'P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034'].includes(code)
  )
}

export function isUniqueViolation(error: unknown): boolean {
  return databaseFailure(error)?.code === '23505'
}

/** Something still refers to the row, or what it refers to is gone. */
export function isForeignKeyViolation(error: unknown): boolean {
  return ['23503', '23001', 'P2003'].includes(databaseFailure(error)?.code ?? '')
}

function ofPrisma(error: Prisma.PrismaClientKnownRequestError): Failure {
  const meta = error.meta as { driverAdapterError?: { cause?: { originalCode?: string } } } | undefined
  return { code: meta?.driverAdapterError?.cause?.originalCode ?? error.code }
}
