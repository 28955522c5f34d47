/** A property of a vCard: its name with its parameters, and its value; a value of several components is a list. Empty ones are left out. */
export type VcardProperty = readonly [name: string, value: string | null | readonly (string | null)[]]

/** vCard 4.0 (RFC 6350): the properties in order, escaped, lines folded, for an address book to import. */
export function vcard(properties: readonly VcardProperty[]): string {
  const lines = properties.flatMap(([name, value]) => {
    const parts = typeof value === 'string' || value === null ? [value] : value
    return parts.some(Boolean) ? [`${name}:${parts.map((part) => escaped(part ?? '')).join(';')}`] : []
  })
  return ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD'].map((line) => `${folded(line)}\r\n`).join('')
}

function escaped(text: string): string {
  return (
    text
      .replace(/[\\,;]/g, '\\$&')
      .replace(/\r\n|\r|\n/g, '\\n')
      // No other control character has a place in a vCard, in any form.
      .replace(/(?!\t)\p{Cc}/gu, '')
  )
}

const LINE_OCTETS = 75

/** A line of at most 75 octets, its rest on lines that begin with a space; no character is torn apart. */
function folded(line: string): string {
  let result = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > LINE_OCTETS) {
      result += '\r\n '
      octets = 1
    }
    result += character
    octets += size
  }
  return result
}
