import type { Browser, Page } from '@playwright/test'
import { startServer, type Server } from './support/server.ts'
import { addressOf, everyPage, go } from './support/pages.ts'
import { apiAs, type Api } from './support/api.ts'
import { openPipeline } from './support/pipeline.ts'
import { expect, expectAccessible, signInAs, test as base } from './support/test.ts'

const known = await everyPage()

base.describe.configure({ mode: 'parallel' })

interface Visit {
  readonly page: Page
  readonly api: Api
}

/** Signed in once a worker: the pages are only looked at. */
async function visit(browser: Browser, server: Server): Promise<Visit> {
  const context = await browser.newContext({ baseURL: server.url, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto('/sessions')
  await signInAs(page, 'ada')
  await expect(page.getByRole('navigation', { name: 'Console' })).toBeVisible()
  return { page, api: await apiAs(server, 'ada') }
}

const test = base.extend<object, { full: Visit; bare: Visit; empty: Server }>({
  full: [
    async ({ browser, server }, use) => {
      const ada = await visit(browser, server)
      // What the sample company has none of.
      const { call, exchange } = await openPipeline(server, 'everywhere')
      await exchange()
      const refused = await exchange({ ref: 'refs/heads/hotfix' })
      const [decisionId = ''] =
        /(?<=\/decisions\/)[0-9a-f-]{36}/.exec(JSON.stringify(refused)) ?? []
      await call('exceptions.create', { decisionId, reason: 'To be looked at' })
      const address = 'https://vault.meridian.example'
      await call('vaults.create', { name: 'Vault', address, role: 'ci', audience: address })
      const text = 'permit (principal, action, resource);'
      // First by its name, so that it is the one that is looked at: what is enforced cannot be deleted.
      await call('policies.create', { name: 'A draft', text })
      await call('replays.create', { changes: [{ text }] })
      await use(ada)
    },
    { scope: 'worker' },
  ],
  bare: [async ({ browser, empty }, use) => use(await visit(browser, empty)), { scope: 'worker' }],
  empty: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of a fixture's first parameter
    async ({}, use) => {
      const server = await startServer({ SALLYPORT_SAMPLE: 'off' })
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

/** The page is there, with what it loads. */
async function shown(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.locator('main')).not.toHaveAttribute('data-loading')
  await expect(page.locator('[aria-busy="true"]').filter({ visible: true })).toHaveCount(0)
  // Nothing that only a program would say.
  await expect(page.locator('body')).not.toContainText(/NaN|undefined|\[object |Invalid Date/)
}

/** One place of the sidebar is lit up, and the crumbs begin with it. */
async function expectPlace(page: Page): Promise<void> {
  const lit = page.getByRole('navigation', { name: 'Console' }).locator('[aria-current="page"]')
  await expect(lit).toHaveCount(1)
  // The inbox's place says how much waits, too.
  const [label = ''] = ((await lit.textContent()) ?? '').split(/\d/)
  const crumbs = page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('listitem')
  await expect(crumbs.first()).toHaveText(label)
}

/** What is wider than the window, unless a region of its own scrolls it (WCAG 1.4.10 lets tables and code do so). */
async function expectReflow(page: Page, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 600 })
  const wide = () =>
    page.evaluate(() => {
      const most = document.documentElement.clientWidth
      const scrolls = (node: Element | null): boolean =>
        node !== null &&
        node.id !== 'main' &&
        (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(node).overflowX) ||
          scrolls(node.parentElement))
      // Also by what nobody sees: hidden words within a region that scrolls, but not with it.
      const own = [document.documentElement, ...document.querySelectorAll('main')]
        .map((one) => [one.localName, one.scrollWidth - one.clientWidth] as const)
        .filter(([, wider]) => wider > 1)
      return [...document.querySelectorAll('body *')]
        .filter(
          (node) =>
            node.getBoundingClientRect().right > most + 1 &&
            node.getClientRects().length > 0 &&
            getComputedStyle(node).position !== 'fixed' &&
            !scrolls(node.parentElement),
        )
        .map((node) => node.outerHTML.slice(0, 120))
        .slice(0, 5)
        .concat(own.map(([name, wider]) => `${name} scrolls ${wider} px`))
    })
  await expect.poll(wide, { message: `${page.url()} at ${width} px`, timeout: 3_000 }).toEqual([])
}

/**
 * What stands around every page, in the same colours, is looked at around the first; and of a long table no more rows than
 * have its states and marks among them. `JOURNEYS=all` looks at all of it everywhere.
 */
const sameElsewhere = (path: string): string[] =>
  process.env['JOURNEYS'] === 'all'
    ? []
    : ['tbody tr:nth-child(n + 21)', ...(path === '/' ? [] : ['nav[aria-label=Console]'])]

const still = (page: Page) =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter((one) => Number(one.effect?.getComputedTiming().duration) > 1)
      .map((one) => (one.effect as KeyframeEffect).target?.outerHTML.slice(0, 120)),
  )

for (const path of known) {
  test(`${path} is accessible in both themes, at 200 % and at 320 px, and holds still`, async ({
    full: { page: ada, api },
  }) => {
    await ada.setViewportSize({ width: 1440, height: 900 })
    await go(ada, await addressOf(path, api))
    await shown(ada)
    await expectPlace(ada)
    expect(await still(ada), 'nothing moves for whoever asked for that').toEqual([])
    await expectAccessible(ada, { whole: true, but: sameElsewhere(path) })
    // At 200 % 1440 px are 720, and 320 are what 1280 px are at 400 %.
    await expectReflow(ada, 720)
    await expectReflow(ada, 320)
  })
}

/** What an empty list says is one thing on all of them: those are looked at where it differs, the rest with `JOURNEYS=all`. */
const without = known.filter((one) =>
  process.env['JOURNEYS'] === 'all'
    ? !one.includes(':')
    : ['/', '/contexts', '/audit', '/findings', '/inbox', '/risk', '/compliance'].includes(one),
)

for (const path of without) {
  test(`${path} of a company without anything says what there is, and fits a narrow window`, async ({
    bare: { page },
  }) => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await go(page, path)
    await shown(page)
    await expectAccessible(page, { whole: true, but: sameElsewhere(path) })
    await expectReflow(page, 320)
  })
}

test('the pages for what is not there, not permitted and not to be had are accessible', async ({
  as,
}) => {
  const ada = await as('ada', '/sessions')
  await ada.goto('/nowhere')
  await expect(ada.getByRole('heading', { name: 'Not found' })).toBeVisible()
  await expectAccessible(ada, { whole: true })
  await expectReflow(ada, 320)
  await ada.route(/\/api\/v1\/segments/, (route) =>
    route.fulfill({ status: 404, contentType: 'text/html', body: 'a proxy’s page' }),
  )
  await ada.goto('/segments/01920000-0000-7000-8000-000000000000')
  await expect(ada.getByRole('heading', { name: 'Not found' })).toBeVisible()
  await expectAccessible(ada, { whole: true })
  await ada.goto('/segments')
  await expect(ada.getByRole('alert')).toBeVisible()
  await expectAccessible(ada, { whole: true })
  const sam = await as('sam', '/audit')
  await expect(sam.getByText(/audit:view/).first()).toBeVisible()
  await expect(sam.locator('[aria-busy="true"]').filter({ visible: true })).toHaveCount(0)
  await expectAccessible(sam, { whole: true })
})

/** What opens over a page: the page, and the button that opens it. */
const overlays: readonly (readonly [page: string, opener: RegExp])[] = [
  ['/', /^My session/],
  ['/', /theme/i],
  ['/', /help/i],
  ['/', /Search or go to/],
  ['/people', /^Team$/],
  ['/people', /columns/i],
  ['/people/:personId', /Mark as left/],
  ['/grants/:grantId', /Revoke grant/],
  ['/contexts/:contextId', /Store secret/],
  ['/contexts/:contextId', /Import .env text/],
  ['/contexts/:contextId', /Refer to Vault/],
  ['/contexts/:contextId', /^Actions of/],
  ['/contexts/:contextId/restrictions', /Add restriction/],
  ['/contexts/:contextId/settings', /Delete context/],
  ['/policies/:policyId/settings', /Delete policy/],
  ['/trust/vaults/:vaultId/settings', /Remove Vault server/],
  ['/compliance/:controlId', /Set owner and note/],
  ['/trust/federation', /Rotate key/],
  ['/trust/federation', /Rotate at once/],
  ['/projects/:projectId/settings', /Remove project|Delete project/],
  ['/decisions', /^Outcome$/],
  ['/decisions', /All time/],
  ['/audit', /Saved views/],
  ['/audit', /Save view/],
  ['/audit', /Export events/],
  ['/sessions', /^Revoke/],
]

const overlay = '[role=dialog], [role=menu], [role=listbox]'

for (const [path, opener] of overlays) {
  test(`what ${String(opener)} opens over ${path} is accessible, and gives the focus back`, async ({
    full: { page: ada, api },
  }) => {
    await ada.setViewportSize({ width: 1440, height: 900 })
    await go(ada, await addressOf(path, api))
    await shown(ada)
    const first = ada.getByRole('button', { name: opener }).first()
    // It alone, from here on: its list may get another row before it at any time.
    await first.evaluate((one) => {
      document.querySelector('[data-opener]')?.removeAttribute('data-opener')
      one.setAttribute('data-opener', '')
    })
    await ada.locator('[data-opener]').focus()
    await ada.keyboard.press('Enter')
    const over = ada.locator(overlay).filter({ visible: true })
    await expect(over.first()).toBeVisible()
    await expectAccessible(ada, { whole: true, only: overlay })
    // The focus is inside, and Tab does not leave it.
    for (let step = 0; step < 6; step += 1) {
      expect(
        await ada.evaluate((of) => Boolean(document.activeElement?.closest(of)), overlay),
        `after ${step} times Tab`,
      ).toBe(true)
      await ada.keyboard.press('Tab')
    }
    await ada.keyboard.press('Escape')
    await expect(over).toHaveCount(0)
    const focused = () =>
      ada.evaluate(() =>
        document.activeElement?.hasAttribute('data-opener')
          ? 'what opened it'
          : document.activeElement?.outerHTML.slice(0, 200),
      )
    await expect.poll(focused, 'what has the focus').toBe('what opened it')
  })
}
