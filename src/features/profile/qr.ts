import qrcode from 'qrcode-generator'

/** A QR code for an SVG: how many squares it is wide, its quiet border included, and the path of the dark ones. */
export interface QrCode {
  size: number
  path: string
}

/** What the standard demands around it, in squares. */
const BORDER = 4

export function qrCode(text: string): QrCode {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  const all = Array.from({ length: count * count }, (_, place) => [Math.floor(place / count), place % count] as const)
  const dark = all.filter(([row, column]) => code.isDark(row, column))
  return {
    size: count + 2 * BORDER,
    path: dark.map(([row, column]) => `M${column + BORDER} ${row + BORDER}h1v1h-1z`).join(''),
  }
}
