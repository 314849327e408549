// How much JavaScript each page needs until it is usable (brotli), read from the build's manifest; fails above the budget.
// `node scripts/budget.mjs` after `npm run build`.
import { readFileSync, statSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'))
const budget = { page: 220, charts: 310 }

/** Every chunk that `key` imports, without the lazy ones. */
function closure(key, into = new Set()) {
  if (into.has(key)) return into
  into.add(key)
  for (const next of manifest[key]?.imports ?? []) closure(next, into)
  return into
}

const sizes = new Map()
function size(file) {
  if (!sizes.has(file)) {
    const path = join(dist, file)
    const compressed = existsSync(`${path}.br`)
      ? statSync(`${path}.br`).size
      : brotliCompressSync(readFileSync(path)).length
    sizes.set(file, compressed)
  }
  return sizes.get(file)
}
const total = (keys) =>
  [...new Set([...keys].map((key) => manifest[key].file))]
    .filter((file) => file.endsWith('.js'))
    .reduce((sum, file) => sum + size(file), 0) / 1000

const signIn = closure('index.html')
const start = closure('src/console/show-console.ts', new Set(signIn))
const pages = Object.keys(manifest).filter((key) =>
  /^src\/console\/pages\/.*(Page|Tab)\.tsx$/.test(key),
)
let over = 0
console.log(
  `console shell ${total(start).toFixed(1)} kB brotli JavaScript, ${total(signIn).toFixed(1)} kB of it for signing in`,
)
for (const page of pages) {
  const keys = closure(page, new Set(start))
  const charts = /^src\/console\/pages\/(overview\/|risk\/Risk(Trends)?Page)/.test(page)
  // A page of charts is usable when they are: they are the lazy part of it, and so is what shows them.
  const lazies = charts ? /src\/console\/(ui\/.*Chart|pages\/(overview|risk)\/)/ : /^$/
  for (const key of keys) {
    // The shell names every page; those are not this one's.
    if (start.has(key)) continue
    for (const lazy of manifest[key]?.dynamicImports ?? []) {
      if (lazies.test(lazy) && !keys.has(lazy)) closure(lazy, keys)
    }
  }
  const kilobytes = total(keys)
  const most = charts ? budget.charts : budget.page
  if (kilobytes > most) over += 1
  const mark = kilobytes > most ? 'OVER' : 'ok'
  console.log(`${mark.padEnd(5)}${kilobytes.toFixed(1).padStart(7)} of ${most} kB  ${page}`)
}
if (total(start) > budget.page) over += 1
if (over > 0) {
  console.error(`${over} over the budget: load what is heavy lazily, or drop it.`)
  process.exit(1)
}
