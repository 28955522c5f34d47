/** /deals/pipeline/1 begins with /deals/pipeline before /deals, and only / itself with /. undefined when no beginning `is` one. */
export function longestBeginning(path: string, is: (start: string) => boolean): string | undefined {
  for (let start = path; start !== ''; start = start.slice(0, start.lastIndexOf('/')))
    if ((start !== '/' || path === '/') && is(start)) return start
  return undefined
}
