import { importFile } from '../../src/platform/archive/restore.ts'
import { exportToFile } from '../../src/platform/archive/write.ts'
import type { Connection } from '../../src/platform/database/pool.ts'

// A process of its own, whose memory can be measured: <export|import> <connection as JSON> <file>. Prints the most it ever used, in megabytes.
const [what, connection = '', file = ''] = process.argv.slice(2)
await (what === 'export' ? exportToFile : importFile)(JSON.parse(connection) as Connection, file)
process.stdout.write(String(process.resourceUsage().maxRSS / 1024))
