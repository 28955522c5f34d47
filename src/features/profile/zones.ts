/** Every zone there is to choose from, by its name. */
export const TIME_ZONES: readonly string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC'),
]

const byName = new Map(TIME_ZONES.map((zone) => [folded(zone), zone]))
const byCity = new Map<string, string | null>()
for (const zone of TIME_ZONES) {
  const city = folded(zone.slice(zone.lastIndexOf('/') + 1))
  // A city of two zones is none to be understood by.
  byCity.set(city, byCity.has(city) ? null : zone)
}

/** "europe/berlin", "New York", "America/New York": however it is written. null for what is no zone. An older name stays as it is. */
export function zoneNamed(text: string): string | null {
  const asked = folded(text)
  return byName.get(asked) ?? byCity.get(asked) ?? olderName(text)
}

function folded(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '_')
}

/** "Asia/Calcutta" works, though the list has it under its name of today. */
function olderName(text: string): string | null {
  if (!text.includes('/')) return null
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return text
  } catch {
    // A RangeError: there is no such zone.
    return null
  }
}
