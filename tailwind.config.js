// @ts-check
import plugin from 'tailwindcss/plugin'

/**
 * Every colour of the product, by role: [light, dark]. Pages name a role (`bg-surface`, `text-ink-soft`) and never a
 * shade, so a theme is changed here and nowhere else. Text roles keep 4.5:1 on `canvas`, `surface` and `sunken`;
 * `edge` keeps 3:1, because the border is what shows that there is something to type into.
 * @type {Record<string, [light: string, dark: string]>}
 */
const roles = {
  canvas: ['oklch(0.974 0.004 230)', 'oklch(0.192 0.012 235)'],
  surface: ['oklch(1 0 0)', 'oklch(0.235 0.014 235)'],
  sunken: ['oklch(0.957 0.006 230)', 'oklch(0.265 0.016 235)'],
  well: ['oklch(0.951 0.008 230)', 'oklch(0.16 0.011 235)'],
  line: ['oklch(0.902 0.008 230)', 'oklch(0.325 0.016 235)'],
  edge: ['oklch(0.61 0.016 232)', 'oklch(0.58 0.018 235)'],
  ink: ['oklch(0.245 0.02 238)', 'oklch(0.935 0.006 230)'],
  'ink-soft': ['oklch(0.465 0.02 236)', 'oklch(0.745 0.014 232)'],

  accent: ['oklch(0.475 0.083 213)', 'oklch(0.79 0.088 207)'],
  'accent-strong': ['oklch(0.405 0.074 215)', 'oklch(0.86 0.075 205)'],
  'accent-soft': ['oklch(0.94 0.026 208)', 'oklch(0.315 0.042 214)'],
  'on-accent': ['oklch(0.995 0.003 210)', 'oklch(0.2 0.03 220)'],

  info: ['oklch(0.45 0.11 268)', 'oklch(0.81 0.085 270)'],
  'info-soft': ['oklch(0.945 0.022 268)', 'oklch(0.31 0.055 270)'],
  success: ['oklch(0.43 0.095 152)', 'oklch(0.82 0.115 152)'],
  'success-soft': ['oklch(0.95 0.03 152)', 'oklch(0.305 0.048 155)'],
  warning: ['oklch(0.45 0.088 68)', 'oklch(0.84 0.105 80)'],
  'warning-soft': ['oklch(0.957 0.036 85)', 'oklch(0.315 0.045 75)'],
  danger: ['oklch(0.475 0.155 26)', 'oklch(0.8 0.105 24)'],
  'danger-strong': ['oklch(0.41 0.14 26)', 'oklch(0.86 0.085 24)'],
  'danger-soft': ['oklch(0.953 0.024 22)', 'oklch(0.31 0.062 24)'],
  'on-danger': ['oklch(0.995 0.004 26)', 'oklch(0.21 0.04 26)'],

  shade: ['oklch(0.3 0.03 235 / 0.13)', 'oklch(0.08 0.01 235 / 0.5)'],
}

/** @param {0 | 1} theme @returns {Record<string, string>} */
function variables(theme) {
  return Object.fromEntries(Object.entries(roles).map(([role, values]) => [`--${role}`, values[theme]]))
}

const light = { colorScheme: 'light', ...variables(0) }
const dark = { colorScheme: 'dark', ...variables(1) }

/** @type {import('tailwindcss').Config} */
export default {
  theme: {
    colors: {
      transparent: 'transparent',
      current: 'currentColor',
      ...Object.fromEntries(Object.keys(roles).map((role) => [role, `var(--${role})`])),
    },
    fontFamily: {
      sans: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
      mono: 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, monospace',
    },
    fontSize: {
      xs: ['0.75rem', { lineHeight: '1rem' }],
      sm: ['0.8125rem', { lineHeight: '1.25rem' }],
      base: ['0.9375rem', { lineHeight: '1.5rem' }],
      lg: ['1.0625rem', { lineHeight: '1.5rem' }],
      xl: ['1.375rem', { lineHeight: '1.75rem' }],
      '2xl': ['1.75rem', { lineHeight: '2.125rem' }],
    },
    borderRadius: { none: '0', sm: '0.25rem', md: '0.4375rem', lg: '0.625rem', full: '9999px' },
    boxShadow: {
      card: '0 1px 2px var(--shade)',
      float: '0 1px 2px var(--shade), 0 8px 24px var(--shade)',
    },
    screens: { sm: '40rem', md: '48rem', lg: '64rem', xl: '80rem' },
    extend: {
      spacing: { gutter: 'clamp(0.875rem, 2.5vw, 1.75rem)', control: '2.25rem', target: '1.5rem' },
      maxWidth: { page: '96rem', form: '46rem', prose: '68ch', bare: '25rem' },
    },
  },
  plugins: [
    plugin(({ addBase }) => {
      addBase({
        ':root': light,
        '@media screen and (prefers-color-scheme: dark)': { ':root:not([data-theme="light"])': dark },
        // Paper is white whatever the screen was.
        '@media screen': { ':root[data-theme="dark"]': dark },
      })
    }),
  ],
}
