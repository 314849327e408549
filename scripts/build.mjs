// Builds the console into dist/ and compresses it, unless nothing it is made of has changed since.
// Plain JavaScript: it also runs before the pinned Node is on the path.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const inputs = [
  'src/console',
  'src/contract',
  'src/proof',
  'public',
  'index.html',
  'vite.config.ts',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/verifier.mjs',
]

function* files(path) {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const name of readdirSync(path).sort()) yield* files(join(path, name))
}

function stampOf() {
  const hash = createHash('sha256')
  for (const input of inputs) {
    for (const file of files(join(root, input))) {
      if (/\.test\.tsx?$|__snapshots__/.test(file)) continue
      hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
    }
  }
  return hash.digest('hex')
}

const stampFile = join(dist, '.stamp')
const stamp = stampOf()
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  console.log('The console is built and current.')
} else {
  const started = Date.now()
  console.log('Building the console …')
  const bin = join(root, 'node_modules', '.bin')
  const run = (program, args) => {
    const ran = spawnSync(join(bin, program), args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, NODE_ENV: 'production' },
    })
    if (ran.status !== 0) process.exit(ran.status ?? 1)
  }
  run('vite', ['build', '--logLevel', 'warn'])
  run('node', ['scripts/verifier.mjs'])
  let bytes = 0
  for (const file of files(dist)) {
    // index.html gets a nonce per response, so it is compressed by nobody.
    if (!['.js', '.css', '.svg', '.json', '.wasm'].includes(extname(file))) continue
    const raw = readFileSync(file)
    if (raw.length < 1024) continue
    const small = brotliCompressSync(raw, {
      params: { [constants.BROTLI_PARAM_QUALITY]: raw.length > 2_000_000 ? 9 : 11 },
    })
    bytes += small.length
    writeFileSync(`${file}.br`, small)
    writeFileSync(`${file}.gz`, gzipSync(raw, { level: 9 }))
  }
  writeFileSync(stampFile, stamp)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`Built the console in ${seconds} s (${Math.round(bytes / 1000)} kB compressed).`)
}
