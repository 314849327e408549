// node bench/console-paint.ts [rounds]: first and largest contentful paint in a real Chromium whose CPU is slowed down four
// times, against the real server with its sample company, nothing cached. A page is opened by its address, as from a
// bookmark: the console finds no session in its memory, goes to the identity provider and comes back. Times count from the
// address; in brackets, those of the document that stays, from its own beginning.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext } from '@playwright/test'
import { startServer } from '../e2e/support/server.ts'
import { openBrowser } from './browser.ts'
import { quantile } from './world.ts'

const rounds = Number(process.argv[2] ?? 7)
const slower = 4
const rows = 'tbody tr:not([aria-hidden])'
/** Each with all that it is made of: what is largest may be any of it. */
const pages: readonly (readonly [name: string, path: string, shown: readonly string[]])[] = [
  [
    'overview',
    '/',
    ['.recharts-surface', 'a[href^="/findings/"]', 'text=/^of 100; /', 'text=Waits for you'],
  ],
  ['contexts', '/contexts', [rows]],
  ['audit', '/audit', ['.recharts-surface', rows]],
]

/** One paint that the browser told: the document's beginning, and the paint after it, both in milliseconds. */
interface Paint {
  readonly kind: string
  readonly began: number
  readonly at: number
}

if (!existsSync(fileURLToPath(new URL('../dist/index.html', import.meta.url)))) {
  throw new Error('There is no built console: npm run build')
}
const server = await startServer({ SALLYPORT_SAMPLE: 'full' })
let browser: Browser | undefined
try {
  browser = await openBrowser()
  const signedIn = await signIn(browser)
  const floor = await measured(browser, undefined, '/', ['button'])
  console.log(`the identity provider's plain page: first paint ${floor.last.first} ms = 1×`)
  for (const [name, path, shown] of pages) {
    const times = await measured(browser, signedIn, path, shown)
    const ratio = (time: number) => `${time} ms = ${(time / floor.last.first).toFixed(1)}×`
    console.log(
      `${name}: first paint ${ratio(times.whole.first)} (${times.last.first} ms), largest ${ratio(times.whole.largest)} (${times.last.largest} ms)`,
    )
  }
} finally {
  await browser?.close()
  await server.stop()
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>

/** Signs Ada in once; what is kept is the identity provider's cookie, as a browser keeps it. */
async function signIn(within: Browser): Promise<State> {
  const context = await within.newContext({ baseURL: server.url })
  const page = await context.newPage()
  await page.goto('/')
  await page.getByRole('button', { name: /^ada/i }).click()
  await page.getByRole('navigation', { name: 'Console' }).waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}

/** Medians over the rounds, each in a browser context that has nothing cached. */
async function measured(
  within: Browser,
  storageState: State | undefined,
  path: string,
  shown: readonly string[],
) {
  const all: Awaited<ReturnType<typeof open>>[] = []
  for (let round = 0; round < rounds; round++)
    all.push(await open(within, storageState, path, shown))
  const middle = (of: (one: (typeof all)[number]) => number) =>
    Math.round(quantile(all.map(of), 0.5))
  return {
    whole: {
      first: middle(({ whole }) => whole.first),
      largest: middle(({ whole }) => whole.largest),
    },
    last: { first: middle(({ last }) => last.first), largest: middle(({ last }) => last.largest) },
  }
}

async function open(
  within: Browser,
  storageState: State | undefined,
  path: string,
  shown: readonly string[],
) {
  const context = await within.newContext({
    baseURL: server.url,
    viewport: { width: 1440, height: 900 },
    ...(storageState && { storageState }),
  })
  const paints: Paint[] = []
  await context.exposeBinding('painted', (_, paint: Paint) => void paints.push(paint))
  await context.addInitScript(() => {
    const tell = (globalThis as unknown as { painted: (paint: Paint) => void }).painted
    // An event that takes long is told after the next paint, and so after all that was painted before.
    addEventListener('pointerover', () => {
      const began = performance.now()
      while (performance.now() - began < 50);
    })
    new PerformanceObserver((list) => {
      if (list.getEntriesByName('pointerover').length > 0) Object.assign(globalThis, { told: true })
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
    for (const type of ['paint', 'largest-contentful-paint']) {
      new PerformanceObserver((list) => {
        for (const { name, entryType, startTime } of list.getEntries()) {
          tell({ kind: name || entryType, began: performance.timeOrigin, at: startTime })
        }
      }).observe({ type, buffered: true })
    }
  })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower })
  const asked = Date.now()
  await page.goto(path)
  for (const each of shown) await page.locator(each).first().waitFor()
  // A pointer that moves does not end the search for what is largest, as a key or a click does.
  await page.mouse.move(1, 1)
  await page.waitForFunction(() => 'told' in globalThis)
  await context.close()
  const first = paints.find(({ kind }) => kind === 'first-contentful-paint')
  const stays = paints.at(-1)?.began
  const last = paints.filter(({ began }) => began === stays)
  const itsFirst = last.find(({ kind }) => kind === 'first-contentful-paint')
  const largest = last.findLast(({ kind }) => kind === 'largest-contentful-paint')
  if (!first || !itsFirst || !largest) throw new Error(`${path} painted nothing`)
  return {
    whole: { first: first.began + first.at - asked, largest: largest.began + largest.at - asked },
    last: { first: itsFirst.at, largest: largest.at },
  }
}
