import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import type { RouteObject } from 'react-router'
import { createServer } from 'vite'
import { operations } from '../../src/contract/index.ts'
import type { Api } from './api.ts'
import { expect } from './test.ts'

/** Every address of the console's own map, such as `/contexts/:contextId/settings`: nothing here to be forgotten. */
export async function everyPage(): Promise<readonly string[]> {
  const vite = await createServer({
    root: fileURLToPath(new URL('../../', import.meta.url)),
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    appType: 'custom',
    logLevel: 'error',
  })
  try {
    const { routes } = (await vite.ssrLoadModule('/src/console/routes.tsx')) as {
      routes: RouteObject[]
    }
    const leaves = (all: readonly RouteObject[], base: string): string[] =>
      all.flatMap(({ path = '', children }) => {
        const at = path ? `${base}/${path}`.replaceAll(/\/+/g, '/') : base
        return children ? leaves(children, at) : [at]
      })
    return [...new Set(leaves(routes, '/'))].filter((path) => !path.endsWith('*'))
  } finally {
    await vite.close()
  }
}

/** The same with an object that is there: the first that its noun's list answers. */
export async function addressOf(page: string, api: Api): Promise<string> {
  const param = /:\w+/.exec(page)?.[0]
  if (!param) return page
  // The API's address of such an object says where they are listed; the console's may be grouped otherwise.
  const [one] = operations()
    .map(({ spec }) => spec)
    .filter(({ method, path }) => method === 'GET' && path.endsWith(`/${param}`))
    .map(({ path }) => path.slice(0, -param.length - 1))
    .toSorted((short, long) => short.length - long.length)
  if (one === undefined) throw new Error(`the API has no address for ${page}`)
  const { items } = (await api('GET', `${one}?limit=5`)) as unknown as { items: { id: string }[] }
  const [first] = items
  if (!first) throw new Error(`there is nothing to show at ${page}`)
  return page.replaceAll(/:\w+/g, first.id)
}

/**
 * Goes to an address of the console as a link does: its code, and what looks at it, is loaded once. By way of a place that
 * is nowhere, whose heading is marked, so that what was left is never taken for what comes, be that nowhere as well.
 */
export async function go(page: Page, path: string): Promise<void> {
  const turn = (to: string) =>
    page.evaluate((address) => {
      history.pushState(null, '', address)
      dispatchEvent(new PopStateEvent('popstate'))
    }, to)
  await turn('/nowhere')
  const nowhere = page.getByRole('heading', { level: 1, name: 'Not found' })
  await nowhere.evaluate((heading) => heading.setAttribute('data-left', ''))
  await turn(path)
  await expect(page.locator('h1[data-left]')).toHaveCount(0)
}
