import type { BrowserContext, Page } from '@playwright/test'
import { expect, expectAccessible, signInAs, test as base, type Persona } from './support/test.ts'

/** Browsers that begin signed out and are closed with the test. */
const test = base.extend<{ stranger: () => Promise<Page> }>({
  stranger: async ({ browser, server }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext({ baseURL: server.url })
      contexts.push(context)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },
})

const assets = '**/assets/**'

/** Signs in as far as the provider's answer, and catches it before the console has read it. */
async function answerFor(page: Page, persona: Persona, path = '/contexts'): Promise<URL> {
  await page.goto(path)
  await expect(page.getByRole('heading', { name: 'Sign in to Sallyport' })).toBeVisible()
  await page.route(assets, (route) => route.abort())
  await signInAs(page, persona)
  await page.waitForURL(/\/auth\/callback\?/)
  await page.unroute(assets)
  return new URL(page.url())
}

/** What this tab remembers of the sign-in that it began. */
async function rewriteState(page: Page, patch: Record<string, string>): Promise<void> {
  await page.evaluate((changes) => {
    for (const key of Object.keys(sessionStorage)) {
      if (!key.startsWith('sallyport.')) continue
      const kept = JSON.parse(sessionStorage.getItem(key) ?? '{}') as Record<string, unknown>
      for (const name of Object.keys(changes)) {
        if (!(name in kept)) throw new Error(`nothing was kept as ${name}`)
      }
      sessionStorage.setItem(key, JSON.stringify({ ...kept, ...changes }))
    }
  }, patch)
}

interface Attack {
  readonly name: string
  readonly says: RegExp
  /** Changes the answer, or what travels with it; `other` is the same answer to somebody else. */
  readonly swap: (own: URL, other: URL, page: Page) => Promise<void> | void
}

const attacks: readonly Attack[] = [
  {
    name: 'the issuer is another one (RFC 9207)',
    says: /another identity provider/,
    swap: (own) => own.searchParams.set('iss', 'https://idp.evil.example'),
  },
  {
    name: 'the issuer is left out (RFC 9207)',
    says: /another identity provider/,
    swap: (own) => own.searchParams.delete('iss'),
  },
  {
    name: 'the code is somebody else’s',
    says: /identity provider refused/,
    swap: (own, other) => own.searchParams.set('code', other.searchParams.get('code') ?? ''),
  },
  {
    name: 'the state is somebody else’s',
    says: /no sign-in that was begun in this tab/,
    swap: (own, other) => own.searchParams.set('state', other.searchParams.get('state') ?? ''),
  },
  {
    name: 'the whole answer is somebody else’s',
    says: /no sign-in that was begun in this tab/,
    swap(own, other) {
      own.search = other.search
    },
  },
  {
    name: 'the nonce is of another sign-in',
    says: /identity token answers another sign-in/,
    swap: (_, __, page) => rewriteState(page, { nonce: 'of-another-sign-in' }),
  },
  {
    name: 'the verifier is another one (PKCE)',
    says: /identity provider refused/,
    swap: (_, __, page) => rewriteState(page, { code_verifier: 'another-verifier-'.repeat(3) }),
  },
  {
    name: 'the verifier is taken out on the way to the provider',
    says: /identity provider refused/,
    async swap(_, __, page) {
      await page.route('**/token', (route) => {
        const form = new URLSearchParams(route.request().postData() ?? '')
        form.delete('code_verifier')
        return route.continue({ postData: form.toString() })
      })
    },
  },
]

for (const { name, says, swap } of attacks) {
  test(`nobody is signed in when ${name} (P25)`, async ({ stranger }) => {
    const [page, elsewhere] = [await stranger(), await stranger()]
    const own = await answerFor(page, 'sam')
    const other = await answerFor(elsewhere, 'lin')
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/')) asked.push(request.url())
    })
    await swap(own, other, page)
    await page.goto(own.href)
    await expect(page.getByRole('heading', { name: 'Sign-in did not succeed' })).toBeVisible()
    await expect(page.getByRole('status')).toHaveText(says)
    await expect(page.getByRole('navigation', { name: 'Console' })).toHaveCount(0)
    expect(asked, 'the API was never asked for a session').toEqual([])
    expect(page.url(), 'no code stays in the address').not.toContain('code=')
    // A way on, and the negative control: the same flow untouched signs the same person in.
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
    await elsewhere.goto(other.href)
    await expect(elsewhere.getByRole('button', { name: 'My session: Lin Zhao' })).toBeVisible()
    await expect(elsewhere).toHaveURL(/\/contexts$/)
  })
}

test('a request without its challenge is refused by the provider (PKCE downgrade, P25)', async ({
  stranger,
}) => {
  const page = await stranger()
  await page.route(
    /\/auth\?/,
    (route) => {
      const url = new URL(route.request().url())
      url.searchParams.delete('code_challenge')
      url.searchParams.delete('code_challenge_method')
      return route.fulfill({ status: 302, headers: { location: url.href } })
    },
    { times: 1 },
  )
  await page.goto('/contexts')
  await expect(page.getByRole('heading', { name: 'Sign-in did not succeed' })).toBeVisible()
  await expect(page.getByRole('status')).toHaveText(/PKCE/)
  await expectAccessible(page)
})

test('an answer is good once: opened again, and gone back to, it signs nobody in (P25)', async ({
  stranger,
}) => {
  const page = await stranger()
  const own = await answerFor(page, 'sam')
  await page.goto(own.href)
  await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
  await page.goto(own.href)
  await expect(page.getByRole('status')).toHaveText(/no sign-in that was begun in this tab/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
})

test('the back button after a sign-in leads to a page that says so, with a way on (P25)', async ({
  stranger,
}) => {
  const page = await stranger()
  await page.goto('/contexts')
  await signInAs(page, 'sam')
  await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
  await page.goBack()
  await expect(page.getByText('This sign-in is over. Begin again in Sallyport.')).toBeVisible()
  await page.getByRole('link', { name: 'Back to Sallyport' }).click()
  await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
})

test('two tabs sign in at once: both become the one who signed in last, neither is mixed up (P25)', async ({
  stranger,
}) => {
  const first = await stranger()
  const second = await first.context().newPage()
  await first.goto('/contexts')
  await second.goto('/projects')
  await expect(second.getByRole('heading', { name: 'Sign in to Sallyport' })).toBeVisible()
  await signInAs(first, 'sam')
  await expect(first.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
  await signInAs(second, 'lin')
  for (const [page, path] of [
    [second, /\/projects$/],
    [first, /\/contexts$/],
  ] as const) {
    await expect(page.getByRole('button', { name: 'My session: Lin Zhao' })).toBeVisible()
    await expect(page).toHaveURL(path)
  }
})

test('an access token that is not this browser’s begins no session, and is an event (P25)', async ({
  as,
  stranger,
}) => {
  const thief = await stranger()
  const taken = thief.waitForResponse(/\/token$/)
  await thief.goto('/contexts')
  await signInAs(thief, 'lin')
  const { access_token: stolen } = (await (await taken).json()) as {
    access_token: string
  }
  const page = await stranger()
  await page.route('**/token', async (route) => {
    const answer = await route.fetch()
    const json = (await answer.json()) as Record<string, unknown>
    await route.fulfill({
      response: answer,
      json: 'access_token' in json ? { ...json, access_token: stolen } : json,
    })
  })
  await page.goto('/contexts')
  await signInAs(page, 'sam')
  await expect(page.getByRole('alert')).toContainText('signed by another key')
  await expect(page.getByRole('navigation', { name: 'Console' })).toHaveCount(0)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible()
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signInAs(page, 'sam')
  await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
  const noor = await as('noor', '/audit?q=action:me.view outcome:denied')
  const event = noor.getByRole('row').filter({ hasText: 'me.view' }).first()
  await expect(event).toContainText(/Denied/)
  await event.click()
  await expect(noor.getByRole('dialog')).toContainText('signed by another key')
})

for (const path of [
  '//evil.example/',
  '/%5C%5Cevil.example',
  '/..//evil.example',
  '/auth/popup?x',
]) {
  test(`whoever begins at ${path} stays at this origin`, async ({ stranger, server }) => {
    const page = await stranger()
    const left: string[] = []
    page.on('framenavigated', (frame) => left.push(new URL(frame.url()).hostname))
    await page.goto(`${server.url}${path}`)
    if (path.startsWith('/auth/')) {
      await expect(page.getByRole('heading', { name: 'Sign-in did not succeed' })).toBeVisible()
      await page.getByRole('button', { name: 'Try again' }).click()
    }
    await signInAs(page, 'sam')
    await expect(page.getByRole('button', { name: 'My session: Sam Rivera' })).toBeVisible()
    expect(new URL(page.url()).origin).toBe(server.url)
    expect(new Set(left)).toEqual(new Set(['localhost']))
  })
}
