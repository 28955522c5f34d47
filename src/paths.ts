import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of package.json: the same whether the code runs from src/ (tests, development) or from dist/src/ (built). */
export const ROOT = rootAbove(import.meta.dirname)

export function fromRoot(...parts: string[]): string {
  return join(ROOT, ...parts)
}

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('no package.json above the code')
  return rootAbove(parent)
}
