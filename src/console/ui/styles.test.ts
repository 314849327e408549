import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

/*
 * Mantine's components bring no styles along: `styles.ts` imports each sheet singly, and one that is forgotten shows
 * only to the eye (a password field without its own is a box within a box).
 */

const esm = 'node_modules/@mantine/core/esm'
const sheetOf = (module: string) => /([^/]+)\.module\.mjs$/.exec(module)?.[1]

/** Where Mantine's index takes each export from. */
const homes = new Map(
  [...readFileSync(join(esm, 'index.mjs'), 'utf8').matchAll(/import \{([^}]*)\} from "([^"]+)"/g)]
    .flatMap(([, names = '', from = '']) => names.split(',').map((name) => [name, from] as const))
    .map(([name, from]) => [name.trim().replace(/^.* as /, ''), join(esm, from)] as const),
)

/** The sheets of a component and of everything that it is made of. */
function sheetsOf(module: string, seen = new Set<string>()): Set<string> {
  const sheets = new Set<string>()
  if (seen.has(module)) return sheets
  seen.add(module)
  for (const [, from = ''] of readFileSync(module, 'utf8').matchAll(/from "(\.[^"]+)"/g)) {
    const sheet = sheetOf(from)
    if (sheet) sheets.add(sheet)
    else for (const one of sheetsOf(join(dirname(module), from), seen)) sheets.add(one)
  }
  return sheets
}

/** What is used of Mantine, by the files that use it. */
function used(tree: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([path, text]) =>
      [...text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)]
        .flatMap(([, names = '']) => names.split(','))
        .map((name) => name.trim().replace(/ as .*$/, ''))
        .filter((name) => /^[A-Z]/.test(name))
        .map((name) => [name, path] as const),
    ),
  )
}

function unstyled(tree: Readonly<Record<string, string>>, imports: string): string[] {
  const all = Object.values(tree).join('\n')
  // `Checkbox.Card` hangs on `Checkbox`, and is another component: only who writes it needs its sheet.
  const idle = (name: string, sheet: string) =>
    sheet.startsWith(name) &&
    sheet !== name &&
    !all.includes(`<${name}.${sheet.slice(name.length)}`)
  return [...used(tree)].flatMap(([name, path]) =>
    [...sheetsOf(homes.get(name) ?? `no ${name} in Mantine`)]
      .filter((sheet) => !idle(name, sheet))
      .filter((sheet) => existsSync(`node_modules/@mantine/core/styles/${sheet}.css`))
      .filter((sheet) => !imports.includes(`'@mantine/core/styles/${sheet}.css'`))
      .map((sheet) => `${path} uses ${name}, and styles.ts does not import ${sheet}.css`),
  )
}

describe('every component of Mantine has its style sheets', () => {
  const console = Object.fromEntries(
    globSync('src/console/**/*.{ts,tsx}').map((path) => [path, readFileSync(path, 'utf8')]),
  )
  const imports = readFileSync('src/console/ui/styles.ts', 'utf8')

  test('of all that the console uses', () => {
    expect(unstyled(console, imports)).toEqual([])
  })

  test('negative control: a field whose sheet is not imported is named', () => {
    const without = imports.replace("'@mantine/core/styles/PasswordInput.css'", '')
    const page = "import { PasswordInput } from '@mantine/core'"
    expect(unstyled({ 'pages/Page.tsx': page }, without)).toEqual([
      'pages/Page.tsx uses PasswordInput, and styles.ts does not import PasswordInput.css',
    ])
  })
})
