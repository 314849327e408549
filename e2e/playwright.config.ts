import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from '../scripts/chromium.ts'

const executablePath = await findChromium()
const results = process.env['SALLYPORT_JOURNEYS']

/** Each worker, and each server that it starts, loads the same code: it is compiled once. */
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache')

/** What a browser's own window would do beside the page: two hidden pages for its address bar alone, each a process. */
const notOurs = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  // What Playwright turns off by itself, which a list of one's own replaces.
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
]

/**
 * A page that is looked at for seconds is past before what optimizes its code has paid for itself, and on two cores that is
 * waited for: axe takes 12 to 42 % less without.
 */
const engine = ['--no-turbofan', '--always-sparkplug', '--min-semi-space-size=16']

/**
 * Journeys that have a server of their own, after all that share one: a worker makes its server anew wherever it goes from one
 * to the other, which is waited for. At the end those that are many and short, of which neither worker has the last to itself.
 */
const apart = ['step-up.e2e.ts', 'every-page.e2e.ts']

/** Journeys through the real product: one server, database and identity provider a worker, one real Chromium. */
export default defineConfig({
  testDir: '.',
  globalSetup: './support/scratch.ts',
  projects: [
    { name: 'shared', testMatch: '*.e2e.ts', testIgnore: apart },
    ...apart.map((testMatch) => ({ name: testMatch.replace('.e2e.ts', ''), testMatch })),
  ],
  outputDir: '../test-results',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: results ? [['list'], ['json', { outputFile: results }]] : 'list',
  use: {
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        `--js-flags=${engine.join(' ')}`,
        `--disable-features=${notOurs.join(',')}`,
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    // A picture of the page stays of each failure in any case; `TRACE=on` keeps every step of it, for an eighth of the time.
    trace: process.env['TRACE'] ? { mode: 'retain-on-failure', screenshots: false } : 'off',
  },
})
