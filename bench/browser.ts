import { chromium, type Browser } from '@playwright/test'
import { findChromium } from '../scripts/chromium.ts'

/** A browser to measure in: the one of the journeys. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findChromium()
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
}
