// Everything that must hold, one step after the other; the last line counts it all.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const results = mkdtempSync(join(tmpdir(), 'sallyport-results-'))
let passed = 0
let failed = 0

function step(title, command, args, env = {}) {
  console.log(`\n── ${title}`)
  const started = Date.now()
  const { status } = spawnSync(join('node_modules', '.bin', command), args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  console.log(
    `── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - started) / 1000)} s)`,
  )
  return status === 0
}

function count(ok) {
  if (ok) passed++
  else failed++
}

/** Adds a runner's own counts; a runner that failed without a failed test (it could not start, say) is one failure. */
function add(ok, read) {
  let counted = { passed: 0, failed: 0 }
  try {
    counted = read()
  } catch {
    ok = false
  }
  passed += counted.passed
  failed += counted.failed
  if (!ok && counted.failed === 0) failed++
}

const json = (file) => JSON.parse(readFileSync(join(results, file), 'utf8'))

// Fetched, where there is none, while the other steps run: the path waits in the pipe for the last one.
const finding = spawn(process.execPath, [join(import.meta.dirname, 'chromium.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

count(step('type-check', 'tsc', ['--noEmit']))
count(step('lint', 'oxlint', ['--type-aware', '--deny-warnings']))
count(step('nothing unused', 'knip', []))
count(step('format', 'oxfmt', ['--check']))
count(step('JavaScript budget', 'node', ['scripts/budget.mjs']))
const unit = step('unit and API tests', 'vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(results, 'unit.json')}`,
])
add(unit, () => {
  const { numPassedTests, numFailedTests } = json('unit.json')
  return { passed: numPassedTests, failed: numFailedTests }
})
const chromium = (await finding.stdout.toArray()).join('')
if (chromium) {
  const journeys = step(
    'journeys in Chromium',
    'playwright',
    ['test', '-c', 'e2e/playwright.config.ts'],
    {
      CHROMIUM_PATH: chromium,
      SALLYPORT_JOURNEYS: join(results, 'journeys.json'),
    },
  )
  add(journeys, () => {
    const { expected, unexpected, flaky } = json('journeys.json').stats
    return { passed: expected, failed: unexpected + flaky }
  })
} else {
  console.log('No Chromium was found or fetched for the journeys: set CHROMIUM_PATH to one.')
  failed++
}
rmSync(results, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
