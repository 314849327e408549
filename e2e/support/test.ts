import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults, RunOptions } from 'axe-core'
import {
  expect,
  test as base,
  type BrowserContext,
  type Locator,
  type Page,
} from '@playwright/test'
import { startServer, type Server } from './server.ts'

export type Persona = 'ada' | 'ben' | 'lin' | 'noor' | 'sam'

interface PerTest {
  /** Opens a browser of their own, signs the persona in, and goes to a path. */
  readonly as: (persona: Persona, path?: string) => Promise<Page>
}
interface PerWorker {
  readonly server: Server
}

/** Complaints that are the browser's way of telling what the page handles: a refused request, or none at all. */
const expected =
  /the server responded with a status of (400|401|403|404|409|412|422|428|429)|net::ERR_INTERNET_DISCONNECTED/

/** Chooses the persona on the identity provider's page. */
export async function signInAs(page: Page, persona: Persona): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${persona}`, 'i') }).click()
}

export const test = base.extend<PerTest, PerWorker>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of a fixture's first parameter
    async ({}, use) => {
      const server = await startServer()
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  as: async ({ browser, server }, use) => {
    const contexts: BrowserContext[] = []
    const complaints: string[] = []
    await use(async (persona, path = '/') => {
      const context = await browser.newContext({ baseURL: server.url })
      contexts.push(context)
      context.on('console', (message) => {
        if (message.type() !== 'error' || expected.test(message.text())) return
        complaints.push(`${message.text()} (${message.location().url})`)
      })
      context.on('weberror', (error) => complaints.push(String(error.error())))
      const page = await context.newPage()
      await page.goto(path)
      await signInAs(page, persona)
      await expect(page.getByRole('navigation', { name: 'Console' })).toBeVisible()
      return page
    })
    for (const context of contexts) await context.close()
    expect(complaints, 'nothing complained in the console').toEqual([])
  },
})

/** Loads the page anew until it shows what the server finds by and by. */
export const loadUntil = (page: Page, shown: Locator): Promise<void> =>
  expect(async () => {
    await page.reload()
    await expect(shown).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 60_000 })

const criteria = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const ofColours = ['color-contrast', 'link-in-text-block']
/** Of a long table the rows after its eighth, which are of the same make. */
const further = 'tbody tr:nth-child(n + 9)'

/** Parts of the page, by selectors: of a `type`, so that it may travel into the page. */
type Parts = { include: string[]; exclude?: string[] }
interface Looked extends Pick<RunOptions, 'runOnly' | 'rules'> {
  readonly of: Parts
}

/** The short form, which is half of what each page is sent and compiles. */
const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** What of these a page breaks: axe runs in the page itself, brought there once. There are no frames to go into. */
async function violations(page: Page, { of, ...options }: Looked): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  const broken = await page.evaluate(
    async ({ what, asked }) => {
      const { axe: brought } = globalThis as unknown as {
        axe: { run(of: Parts, options: RunOptions): Promise<AxeResults> }
      }
      return (await brought.run(what, asked)).violations
    },
    { what: of, asked: { ...options, resultTypes: ['violations'] } satisfies RunOptions },
  )
  return broken.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`,
  )
}

type Theme = 'light' | 'dark'
const themes: readonly Theme[] = ['light', 'dark']

interface Look {
  /** With its colours, in both themes, all rows of tables, and what lies under a dialog. `JOURNEYS=all` looks so at everything. */
  readonly whole?: boolean
  /** A selector of what is looked at alone: what opens over a page that was looked at. */
  readonly only?: string
  /** Selectors of what was looked at on another page, where it is the same. */
  readonly but?: readonly string[]
}

/** Under a dialog that covers the page all is out of reach, and was looked at before: what lies over it is looked at alone. */
const covered = ':has([role=dialog][aria-modal=true])'
const onTop = `html:not(${covered}), html${covered} [data-portal]`

/**
 * No violation of WCAG 2.2 A and AA that a machine can find. Every page, and what opens over it, is looked at whole by
 * `every-page`; the journeys look at the states that they come to, which have the same colours: those take longest.
 */
export async function expectAccessible(
  page: Page,
  { whole, only, but = [] }: Look = {},
): Promise<void> {
  // What moved before rest was asked for comes to its end: a dialog that closes, a button under the pointer.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(async () => {
    const turning = document.getAnimations().filter((one) => one instanceof CSSTransition)
    await Promise.allSettled(turning.map(({ finished }) => finished))
  })
  if (!(whole ?? process.env['JOURNEYS'] === 'all')) {
    const told = await violations(page, {
      runOnly: { type: 'tag', values: criteria },
      rules: Object.fromEntries(ofColours.map((id) => [id, { enabled: false }])),
      of: { include: [only ?? onTop], exclude: [further] },
    })
    expect(told, page.url()).toEqual([])
    return
  }
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expectTheme(page, colorScheme)
    // No colour is on its way from one theme to the other: it would be neither's, and a frame later its children's. A
    // dialog may be, that opened before anybody asked for no motion.
    const turning = await page.evaluate(async () => {
      const running = document.getAnimations().filter((one) => one instanceof CSSTransition)
      await Promise.allSettled(running.map(({ finished }) => finished))
      return running.filter(({ transitionProperty }) => transitionProperty.includes('color')).length
    })
    expect(turning, 'nothing turns by and by for whoever asked for that').toBe(0)
    // The other theme has other colours, and nothing else.
    const runOnly: RunOptions['runOnly'] =
      colorScheme === themes[0]
        ? { type: 'tag', values: criteria }
        : { type: 'rule', values: ofColours }
    const told = await violations(page, {
      runOnly,
      of: { include: [only ?? 'html'], exclude: [...but] },
    })
    expect(told, `${colorScheme} ${page.url()}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null })
}

/** The page hears of another theme after the styles do: until then it is half in each. */
async function expectTheme(page: Page, colorScheme: Theme): Promise<void> {
  const console = page.locator('html[data-mantine-color-scheme]')
  if ((await console.count()) === 0) return
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
}

export { expect }
