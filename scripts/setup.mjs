// What `npm start` and `npm test` call first, on a clone with nothing installed. Plain JavaScript for any Node ≥ 18.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.sallyport-stamp')
const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex')

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) console.error(error.message)
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  console.log('Installing what package-lock.json names …')
  run('npm', ['ci', '--loglevel=error', '--no-fund', '--no-audit'])
  writeFileSync(stampFile, stamp)
  console.log('Installed.')
}
if (process.argv.includes('--build')) run(join(modules, '.bin', 'node'), ['scripts/build.mjs'])
