// Finds a Chromium for the journeys, or fetches one: CHROMIUM_PATH, a system's own, Playwright's own; else Debian's package, Playwright's download.
// Its shell without a window comes first: the same browser with no interface of its own, for an eighth less time.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const system = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

async function downloaded(): Promise<string | undefined> {
  const { chromium } = await import('@playwright/test')
  const path = chromium.executablePath()
  return existsSync(path) ? path : undefined
}

const run = (command: string, args: readonly string[], seconds: number) =>
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: seconds * 1000 })
    .status === 0

/** The path of a browser to drive; nothing where there is none and none could be fetched. */
export async function findChromium(): Promise<string | undefined> {
  const given = process.env['CHROMIUM_PATH']
  if (given) return existsSync(given) ? given : undefined
  const own = system.find((path) => existsSync(path)) ?? (await downloaded())
  if (own) return own
  console.error('Fetching a Chromium for the journeys …')
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    run('/usr/bin/apt-get', ['update', '-qq'], 120)
    for (const name of ['chromium-headless-shell', 'chromium']) {
      if (run('/usr/bin/apt-get', ['install', '-y', '-qq', name], 300)) break
    }
    const installed = system.find((path) => existsSync(path))
    if (installed) return installed
  }
  // A download that cannot succeed takes up to a minute to say so.
  run(join('node_modules', '.bin', 'playwright'), ['install', '--no-shell', 'chromium'], 180)
  return downloaded()
}

/** On its own, for `scripts/test.mjs`: prints the path, or nothing. */
if (import.meta.main) process.stdout.write((await findChromium()) ?? '')
