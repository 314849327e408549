import type { Page, Request } from '@playwright/test'
import { apiAs, type Api } from './support/api.ts'
import { everyPage, go } from './support/pages.ts'
import { expect, test } from './support/test.ts'

const known = await everyPage()

/** Each would call `pwned` where text became markup, script, address or template. */
const corpus = [
  '"><img src=x onerror=pwned(1)>',
  "'><svg onload=pwned(2)></svg>",
  '</script><script>pwned(3)</script>',
  '</textarea></title><script>pwned(4)</script>',
  '<iframe srcdoc="<script>parent.pwned(5)</script>"></iframe>',
  '<a href="javascript:pwned(6)" autofocus onfocus=pwned(6)>go</a>',
  '<details open ontoggle=pwned(7)>',
  '<math><mtext></mtext><style><img title="</style><img src=x onerror=pwned(8)>">',
  '<link rel=stylesheet href=https://evil.invalid/x.css><style>@import "//evil.invalid/"</style>',
  '<form action=https://evil.invalid/><button>send</button></form><base href=//evil.invalid/>',
  '{{constructor.constructor("pwned(9)")()}}${pwned(9)}<%= pwned(9) %>',
  'javascript:pwned(10)',
]
const prose = corpus.join('\n')
/** For names, which are one line of at most a hundred characters: another pair for each noun. */
const name = (at: number) =>
  `${at} ${corpus[at % 3] ?? ''} ${corpus[(at % 2) * 6] ?? ''}`.slice(0, 98).trim()

const idOf = (made: Record<string, unknown>) => String(made['id'])
const first = async (api: Api, path: string) => {
  const { items } = (await api('GET', path)) as { items?: { id: string }[] }
  return items?.[0]?.id ?? ''
}

/** Stores the corpus in every string that a person, a CSV file, a browser or a policy may bring. */
async function infect(ada: Api): Promise<Record<string, string>> {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const csv = `email,name,title,team,lead\nmallory@meridian.example,${quoted(name(1))},${quoted(name(2))},${quoted(name(3))},true\n`
  await ada('POST', '/people/import/preview', { csv })
  await ada('POST', '/people/import', { csv })
  const person = await first(ada, '/people?search=mallory')
  const team = await first(ada, '/teams?search=pwned')
  await ada('PATCH', `/teams/${team}`, { description: prose.slice(0, 990) }, { 'if-match': '"1"' })
  const policy = await ada('POST', '/policies', {
    name: name(4),
    description: prose,
    text: `@reason(${JSON.stringify(name(5))})\nforbid (principal, action == Sallyport::Action::"segment:create", resource);\n`,
  })
  await ada(
    'PATCH',
    `/policies/${idOf(policy)}`,
    { text: `// ${corpus.join(' ')}\n${String(policy['text'])}`, summary: prose.slice(0, 190) },
    { 'if-match': '"1"' },
  )
  await ada('POST', `/policies/${idOf(policy)}/mode`, { mode: 'evaluate' }, { 'if-match': '"2"' })
  const segment = await ada('POST', '/segments', {
    name: name(6),
    tier: 'staging',
    description: prose,
  })
  const project = await ada('POST', '/projects', {
    name: name(8),
    slug: 'meridian/mallory',
    provider: 'github',
    repository: 'git.meridian.example/mallory',
    defaultBranch: 'main',
    segmentId: idOf(segment),
    teamId: team,
  })
  const context = await ada('POST', '/contexts', {
    name: name(10),
    description: prose,
    segmentId: idOf(segment),
    teamId: team,
  })
  await ada('PUT', `/contexts/${idOf(context)}/secrets/onload_pwned`, { value: prose })
  for (const restriction of [
    { kind: 'project', targetId: idOf(project) },
    { kind: 'team', targetId: team },
    { kind: 'expression', expression: `pipeline.git.branch == ${JSON.stringify(name(11))}` },
  ]) {
    await ada('POST', `/contexts/${idOf(context)}/restrictions`, { restriction })
  }
  const role = await ada('POST', '/roles', {
    name: name(12),
    description: prose.slice(0, 990),
    permissions: ['project:view'],
  })
  const grant = await ada('POST', '/grants', {
    roleId: idOf(role),
    subject: { kind: 'person', id: person },
    scope: { kind: 'context', id: idOf(context) },
    reason: prose.slice(0, 990),
  })
  await ada('POST', '/api-tokens', { name: name(13), roleId: idOf(role), expiresInDays: 7 })
  await ada('POST', '/audit-views', { name: name(14).slice(0, 80), search: { q: 'onerror' } })
  await ada(
    'PATCH',
    `/segments/${idOf(segment)}`,
    { description: `${prose} ` },
    { 'if-match': '"1"' },
  )
  const decisions = await first(ada, '/decisions?limit=1&action=segment:create')
  return {
    people: person,
    teams: team,
    policies: idOf(policy),
    segments: idOf(segment),
    projects: idOf(project),
    contexts: idOf(context),
    roles: idOf(role),
    grants: idOf(grant),
    decisions,
  }
}

/** What ran, what the policy stopped and what was asked of another origin, from the first line of every page on. */
async function watch(page: Page): Promise<string[]> {
  const seen: string[] = []
  await page.exposeFunction('pwned', (which: unknown) => seen.push(`ran ${String(which)}`))
  await page.exposeFunction('toldViolation', (what: string) => seen.push(`violated ${what}`))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, sample }) => {
      ;(window as unknown as { toldViolation(what: string): void }).toldViolation(
        `${effectiveDirective} ${sample}`,
      )
    })
  })
  // What the policy stopped fails as `csp` before anything leaves the browser.
  const told = (request: Request) => {
    const stopped = request.failure()?.errorText === 'csp'
    if (request.url().includes('evil.invalid') && !stopped) seen.push(`asked ${request.url()}`)
  }
  page.on('requestfailed', told)
  page.on('requestfinished', told)
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  return seen
}

const reports = async (url: string) =>
  [
    ...(await (await fetch(`${url}/metrics`)).text()).matchAll(
      /^sallyport_csp_reports_total.* (\d+)$/gm,
    ),
  ]
    .map(([, count]) => Number(count))
    .reduce((sum, count) => sum + count, 0)

const literal = /onerror=pwned|onload=pwned|pwned\(3\)|ontoggle=pwned/

test('markup in every stored string is text on every page, and nothing of it runs (P27)', async ({
  as,
  server,
}) => {
  test.setTimeout(300_000)
  const ada = await apiAs(server, 'ada', corpus.slice(0, 4).join(' '))
  const ids = await infect(ada)
  const page = await as('ada', '/sessions')
  const seen = await watch(page)
  await page.goto('/sessions')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  const { items } = (await ada('GET', '/audit?limit=15')) as unknown as { items: { id: string }[] }
  const shownAt: string[] = []
  const look = async (address: string, by: 'link' | 'address' = 'link') => {
    await (by === 'link' ? go(page, address) : page.goto(address))
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('[aria-busy="true"]').filter({ visible: true })).toHaveCount(0)
    const text = await page.evaluate(
      () =>
        document.body.innerText +
        [...document.querySelectorAll('input, textarea')]
          .map((field) => (field as HTMLInputElement).value)
          .join('\n'),
    )
    if (literal.test(text)) shownAt.push(address)
  }
  for (const path of known) {
    const noun = path.split('/')[1] ?? ''
    // Of what holds none of it there is no page to look at; events follow.
    if (path.includes(':') && ids[noun] === undefined) continue
    await look(path.replaceAll(/:\w+/g, ids[noun] ?? ''))
  }
  for (const { id } of items) await look(`/audit/${id}`)
  for (const q of ['onerror', 'onload', 'pwned', '"><img src=x onerror=pwned(1)>']) {
    await look(`/audit?q=${encodeURIComponent(q)}`, 'address')
    await look(`/contexts?q=${encodeURIComponent(q)}`, 'address')
    await page.keyboard.press('Control+k')
    await page.keyboard.type(q)
    await expect(page.getByRole('listbox', { name: 'Results' })).toContainText(/pwned|No/)
    await page.keyboard.press('Escape')
  }
  await look('/audit')
  await page.getByRole('button', { name: 'Saved views' }).click()
  await expect(page.getByRole('menuitem').filter({ hasText: 'pwned' }).first()).toBeVisible()
  await look(`/policies/${ids['policies']}/versions?from=1&until=2`)
  await expect(page.getByText(/^\/\/.*onerror=pwned/).first()).toBeVisible()
  expect(seen).toEqual([])
  expect(await reports(server.url), 'the report endpoint is silent').toBe(0)
  // It was there to be seen: on the list and on every page of each of these.
  for (const noun of Object.keys(ids)) {
    expect(shownAt, `the corpus stands on ${noun}`).toEqual(
      expect.arrayContaining([`/${noun}/${ids[noun]}`]),
    )
  }
  for (const list of [
    '/people',
    '/teams',
    '/roles',
    '/policies',
    '/segments',
    '/projects',
    '/contexts',
    '/api-tokens',
  ]) {
    expect(shownAt).toContain(list)
  }
})

test('what page script writes as markup throws, an injected script is stopped and reported (P27)', async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ baseURL: server.url })
  const page = await context.newPage()
  const seen = await watch(page)
  await page.goto('/signed-out')
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible()
  for (const write of [
    () => {
      document.body.innerHTML = '<img src=x onerror=pwned(1)>'
    },
    () => document.body.insertAdjacentHTML('beforeend', '<svg onload=pwned(2)>'),
    () => {
      document.createElement('script').src = 'https://evil.invalid/x.js'
    },
    () => document.write('<script>pwned(3)</script>'),
    () => document.createElement('img').setAttribute('onerror', 'pwned(5)'),
  ]) {
    await expect(page.evaluate(write)).rejects.toThrow(/TrustedHTML|TrustedScript/)
  }
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.append(document.createTextNode('pwned(4)'))
    document.body.append(script)
    const image = document.createElement('img')
    image.src = 'https://evil.invalid/x.png'
    document.body.append(image)
  })
  await expect
    .poll(() => seen.filter((one) => one.startsWith('violated')).length)
    .toBeGreaterThan(4)
  expect(seen.filter((one) => !one.startsWith('violated'))).toEqual([])
  await expect.poll(() => reports(server.url), { timeout: 20_000 }).toBeGreaterThan(0)
  // The corpus does run where text becomes markup and no policy stands before it: what the first test would see.
  const bare = await context.newPage()
  const ran = await watch(bare)
  await bare.setContent(prose)
  await expect.poll(() => ran.filter((one) => one.startsWith('ran')).length).toBeGreaterThan(3)
  await context.close()
})
