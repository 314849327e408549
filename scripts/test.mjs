// Everything that must hold, one step after the other; the last line counts it all.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const results = mkdtempSync(join(tmpdir(), 'sallyport-results-'))
let passed = 0
let failed = 0
/** What failed, with the beginning of why: told once more at the end, which is what is kept of a long log. */
const failures = []

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

function check(title, command, args) {
  count(title, step(title, command, args))
}

function count(title, ok) {
  if (ok) passed++
  else {
    failed++
    failures.push(title)
  }
}

/** Adds a runner's own counts; a runner that failed without a failed test (it could not start, say) is one failure. */
function add(title, ok, read) {
  let counted = { passed: 0, failed: 0, failures: [] }
  try {
    counted = read()
  } catch {
    ok = false
  }
  passed += counted.passed
  failed += counted.failed
  failures.push(...counted.failures)
  if (!ok && counted.failed === 0) count(title, false)
}

/** A test's name with the beginning of what it said, without the colours of a terminal. */
function failure(name, said = '') {
  const plain = stripVTControlCharacters(said)
  return `${name}\n    ${plain.split('\n').slice(0, 12).join('\n    ')}`
}

/** Playwright's report is a tree of suites. */
function journeysThatFailed({ suites = [], specs = [] }) {
  return [
    ...suites.flatMap(journeysThatFailed),
    ...specs
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) =>
        failure(
          `${file} › ${title}`,
          tests.flatMap(({ results }) => results.map(({ error }) => error?.message)).find(Boolean),
        ),
      ),
  ]
}

const json = (file) => JSON.parse(readFileSync(join(results, file), 'utf8'))

// Fetched, where there is none, while the other steps run: the path waits in the pipe for the last one.
const finding = spawn(process.execPath, [join(import.meta.dirname, 'chromium.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

check('type-check', 'tsc', ['--noEmit'])
check('lint', 'oxlint', ['--type-aware', '--deny-warnings'])
check('nothing unused', 'knip', [])
check('format', 'oxfmt', ['--check'])
check('JavaScript budget', 'node', ['scripts/budget.mjs'])
const unit = step('unit and API tests', 'vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(results, 'unit.json')}`,
])
add('unit and API tests', unit, () => {
  const { numPassedTests, numFailedTests, testResults } = json('unit.json')
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    failures: testResults.flatMap(({ name, message, status, assertionResults }) => {
      const tests = assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) =>
          failure(`${name} › ${fullName}`, failureMessages.join('\n')),
        )
      return tests.length === 0 && status === 'failed' ? [failure(name, message)] : tests
    }),
  }
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
  add('journeys in Chromium', journeys, () => {
    const report = json('journeys.json')
    const { expected, unexpected, flaky } = report.stats
    return {
      passed: expected,
      failed: unexpected + flaky,
      failures: journeysThatFailed(report),
    }
  })
} else {
  console.log('No Chromium was found or fetched for the journeys: set CHROMIUM_PATH to one.')
  count('no Chromium', false)
}
rmSync(results, { recursive: true, force: true })
for (const each of failures) console.log(`\nFAILED: ${each}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
