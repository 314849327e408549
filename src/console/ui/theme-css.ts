import {
  convertCssVariables,
  DEFAULT_THEME,
  deepMerge,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core'
import { cssVariablesResolver, theme } from './theme.ts'

/** The colour families that no part of the console uses. */
const unused =
  /^--mantine-color-(pink|grape|violet|indigo|cyan|lime|orange|blue|green|teal|yellow)-/

/** Build time only: every variable of the theme as one style sheet, which vite.config.ts serves as `virtual:theme.css`. */
export function themeCss(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme)
  const all = deepMerge(defaultCssVariablesResolver(merged), cssVariablesResolver(merged))
  const used = (variables: Record<string, string>) =>
    Object.fromEntries(Object.entries(variables).filter(([name]) => !unused.test(name)))
  return convertCssVariables({
    variables: used(all.variables),
    light: { '--mantine-color-scheme': 'light', ...used(all.light) },
    dark: { '--mantine-color-scheme': 'dark', ...used(all.dark) },
  })
}
