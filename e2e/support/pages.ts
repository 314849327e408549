import { fileURLToPath } from 'node:url'
import type { RouteObject } from 'react-router'
import { createServer } from 'vite'
import type { Api } from './api.ts'

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
  if (!page.includes(':')) return page
  const noun = page.split('/')[1] ?? ''
  const { items } = (await api('GET', `/${noun}?limit=5`)) as unknown as { items: { id: string }[] }
  const [one] = items
  if (!one) throw new Error(`there is nothing to show at ${page}`)
  return page.replaceAll(/:\w+/g, one.id)
}
