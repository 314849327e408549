import type { Locator, Page } from '@playwright/test'
import { Client } from 'pg'
import { runningDatabase } from '../src/server/db/embedded.ts'
import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

/** Whoever comes back to the page sees how things stand, without waiting for the next look. */
const looks = (page: Page, what: Locator, is: 'there' | 'gone' = 'there') =>
  expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await expect(what).toBeAttached({ attached: is === 'there', timeout: 1_000 })
  }).toPass({ timeout: 30_000 })

test('who works with a server that is behind, or away, is told so on every page', async ({
  as,
  server,
}) => {
  const page = await as('ada', '/contexts')
  const ada = await apiAs(server, 'ada')
  const told = page.getByRole('status').filter({ hasText: 'The audit trail is behind' })
  const database = new Client({ connectionString: runningDatabase(server.dataDir) })
  await database.connect()
  try {
    // No sealer gets further while somebody else holds the log.
    await database.query('begin; select from log_state for update')
    await ada('POST', '/contexts', { name: 'while-behind' })
    await looks(page, told)
    await expect(told.getByRole('link', { name: 'Checkpoints' })).toBeVisible()
    await expectAccessible(page)
  } finally {
    await database.end()
  }
  await page.context().setOffline(true)
  const away = page.getByRole('status').filter({ hasText: 'does not answer' })
  await looks(page, away)
  await expect(told).toBeHidden()
  await page.context().setOffline(false)
  await looks(page, away, 'gone')
})
