// Finds a Chromium for the journeys, or fetches one: CHROMIUM_PATH, a system's own, Playwright's download, Debian's package.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const system = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

async function downloaded() {
  const { chromium } = await import('@playwright/test')
  const path = chromium.executablePath()
  return existsSync(path) ? path : undefined
}

const run = (command, args, seconds) =>
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: seconds * 1000 })
    .status === 0

/** The path of a browser to drive, or a sentence that says what to do. */
export async function findChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given) return existsSync(given) ? given : undefined
  const own = system.find((path) => existsSync(path)) ?? (await downloaded())
  if (own) return own
  console.log('Fetching a Chromium for the journeys …')
  // A download that cannot succeed takes up to a minute to say so.
  run(join('node_modules', '.bin', 'playwright'), ['install', 'chromium'], 180)
  const fetched = await downloaded()
  if (fetched) return fetched
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log("Installing Debian's chromium …")
    run('/usr/bin/apt-get', ['update', '-qq'], 120)
    run('/usr/bin/apt-get', ['install', '-y', '-qq', 'chromium'], 300)
  }
  return system.find((path) => existsSync(path))
}
