import type { FastifyInstance, RouteOptions } from 'fastify'

/** One address and what guards it. */
export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  /** The operation whose `may` is asked by the door. */
  readonly operation?: string
  /** Why nobody need be known. */
  readonly open?: string
}

/**
 * Every route says by which operation it is guarded, or why it is open (P13): one that says neither keeps the server
 * from starting. Call it before any route is made.
 */
export function demandDeclarations(app: FastifyInstance): readonly DeclaredRoute[] {
  const routes: DeclaredRoute[] = []
  const made: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    made.push(route)
  })
  // When all are there: what a plugin makes is declared by a hook of its own, which runs after this one.
  app.addHook('onReady', async () => {
    for (const { method, url, config } of made) {
      const { operation, open } = config ?? {}
      for (const one of [method].flat()) {
        if (!operation && !open) {
          throw new Error(
            `the route ${one} ${url} does not say which operation guards it, or why it is open`,
          )
        }
        routes.push({ method: one, url, ...(operation && { operation }), ...(open && { open }) })
      }
    }
  })
  return routes
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Why nobody need be known to ask here. */
    open?: string
  }
}
