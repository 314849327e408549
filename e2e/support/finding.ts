import type { Page } from '@playwright/test'
import { apiAs } from './api.ts'
import type { Server } from './server.ts'
import { expect } from './test.ts'

const listOf = (detection: string) => `/findings?detection=${detection}`

/** What was changed has been looked at, and this was found of it. */
export async function expectFound(server: Server, detection: string, says: RegExp): Promise<void> {
  const ada = await apiAs(server, 'ada')
  await expect(async () => {
    const { items } = (await ada('GET', `${listOf(detection)}&limit=200`)) as {
      items: { says: string }[]
    }
    expect(items.map((item) => item.says)).toContainEqual(expect.stringMatching(says))
  }).toPass({ timeout: 60_000 })
}

/** Opens a finding from the list, once what was changed has been looked at; says where it stands. */
export async function openFinding(
  server: Server,
  page: Page,
  detection: string,
  says: RegExp,
): Promise<string> {
  await expectFound(server, detection, says)
  await page.goto(listOf(detection))
  // The first of the row: the last leads to what it is about.
  const links = page.getByRole('table', { name: 'Findings' }).getByRole('link', { name: says })
  await links.first().click()
  await expect(page.getByRole('table', { name: 'What proves it' })).toBeVisible()
  return page.url()
}

export async function expectResolved(page: Page, finding: string): Promise<void> {
  await page.goto(finding)
  await expect(page.getByText('Resolved', { exact: true }).first()).toBeVisible({ timeout: 30_000 })
}
