import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { contextUrn, tokenType } from '../src/contract/exchange-words.ts'
import { apiAs } from './support/api.ts'
import type { Server } from './support/server.ts'
import { expect, test } from './support/test.ts'

const projects = {
  circleci: 'checkout-api',
  github: 'terraform-modules',
  gitlab: 'dock-scheduler',
} as const

/** A job: asks its CI system for a token, trades it, redeems the lease, and then tries what nobody may. */
const job = `
set -u
say() { printf '%s: %s\\n' "$1" "$2"; }
token=$(curl -sS --json "$WISH" "$CI/token" | sed -n 's/.*"token" *: *"\\([^"]*\\)".*/\\1/p')
exchange() {
  printf '%s' "$token" | curl --fail-with-body -sS -H 'Accept: text/plain' \\
    --data-urlencode 'grant_type=${tokenType.grant}' --data-urlencode 'subject_token_type=${tokenType.idToken}' \\
    --data-urlencode subject_token@- --data-urlencode "resource=$RESOURCE" "$SALLYPORT/api/v1/exchange" 2>/dev/null
}
redeem() {
  printf 'Authorization: Bearer %s' "$lease" | curl --fail-with-body -sS -H @- -H 'Accept: text/plain' \\
    --data '' "$SALLYPORT/api/v1/leases/redeem" 2>/dev/null
}
lease=$(exchange) || { say refused "$lease"; exit 1; }
say secrets "$(redeem)"
again=$(redeem) && say leaked "$again" || say refused "$again"
again=$(exchange) && say leaked "$again" || say refused "$again"
`

/** The process, with what a runner's environment has; nothing of it is a secret. */
async function run(server: Server, wish: object, context: string) {
  const ci = new URL(server.url)
  ci.port = String(Number(ci.port) + 2)
  const child = spawn('sh', ['-c', job], {
    env: {
      PATH: process.env['PATH'],
      CI: ci.origin,
      WISH: JSON.stringify(wish),
      RESOURCE: contextUrn(context),
      SALLYPORT: server.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close') as Promise<[number]>
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: (await closed)[0], out, err }
}

test('a job of each CI system gets its secrets once and is refused twice; the refusal’s link opens its explanation', async ({
  as,
  server,
}) => {
  test.slow()
  const call = await apiAs(server, 'ada')
  const { items } = (await call('GET', '/projects?limit=200')) as {
    items: { id: string; name: string }[]
  }
  const links: string[] = []
  for (const provider of ['circleci', 'github', 'gitlab'] as const) {
    const project = items.find(({ name }) => name === projects[provider])
    if (!project) throw new Error(`the sample company has no project ${projects[provider]}`)
    const name = `${provider}-job`
    const context = (await call('POST', '/contexts', { name, segmentId: null })) as { id: string }
    await call('PUT', `/contexts/${context.id}/secrets/KEY`, { value: `of ${provider}` })
    for (const restriction of [
      { kind: 'project', targetId: project.id },
      { kind: 'expression', expression: 'pipeline.git.branch == "main"' },
    ]) {
      await call('POST', `/contexts/${context.id}/restrictions`, { restriction })
    }
    const wish = { provider, project: project.name }
    const done = await run(server, { ...wish, branch: 'main' }, name)
    expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' })
    expect(done.out).toContain(`secrets: KEY='of ${provider}'`)
    expect(done.out.match(/^refused: /gm)).toHaveLength(2)
    expect(done.out).toContain('was redeemed already')
    expect(done.out).toContain('traded for these contexts already')
    expect(done.out).not.toContain('leaked')

    const other = await run(server, { ...wish, branch: 'feature/x' }, name)
    expect(other.code).toBe(1)
    expect(other.out).toContain('feature/x')
    const [link = ''] = /http:\S+\/decisions\/[0-9a-f-]{36}/.exec(other.out) ?? []
    expect(link).toContain(server.url)
    links.push(link)
  }

  const page = await as('ada', new URL(links[0] ?? '').pathname)
  for (const link of links) {
    await page.goto(link)
    const failed = page.getByRole('list', { name: 'What stood in the way' })
    await expect(failed).toContainText('pipeline.git.branch == "main"')
    await expect(failed).toContainText('feature/x')
    await expect(page.getByText('The smallest change that would permit it')).toBeVisible()
  }
})
