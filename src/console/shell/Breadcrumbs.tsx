import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Link, useLocation, useMatches, useRevalidator } from 'react-router'
import classes from './Breadcrumbs.module.css'
import { placeOf } from './navigation.ts'

/** What a route's `handle` may carry: its crumb, as words or made from what its loader gave. */
export interface Handle {
  readonly crumb: string | ((loaderData: never) => string | undefined)
}

const isHandle = (handle: unknown): handle is Handle =>
  typeof handle === 'object' && handle !== null && 'crumb' in handle

/** What is called otherwise after a change is called so here too: loaders are asked again, from what is known by then. */
function useNewNames(): void {
  const client = useQueryClient()
  const { revalidate } = useRevalidator()
  useEffect(
    () =>
      client.getMutationCache().subscribe((event) => {
        if (event.type !== 'updated' || event.action.type !== 'success') return
        const [id] = event.mutation.options.mutationKey ?? []
        if (/\.(?:update|erase)$/.test(String(id))) void revalidate()
      }),
    [client, revalidate],
  )
}

export function Breadcrumbs() {
  useNewNames()
  const at = placeOf(useLocation().pathname)
  const own = useMatches().flatMap((match) => {
    if (!isHandle(match.handle)) return []
    const { crumb } = match.handle
    const text = typeof crumb === 'string' ? crumb : crumb(match.loaderData as never)
    return text ? [{ to: match.pathname, text }] : []
  })
  // An object, a form or a tab begins with the place, and the page of it, that it is below; both name themselves.
  const above = [at?.place, at?.inner].flatMap((page) =>
    page && !own.some(({ to, text }) => to === page.to || text === page.label)
      ? [{ to: page.to, text: page.label }]
      : [],
  )
  const crumbs = [...above, ...own]
  return (
    <nav aria-label="Breadcrumbs" className={classes.crumbs}>
      <ol>
        {crumbs.map((crumb, index) => (
          <li key={crumb.to + crumb.text}>
            {index === crumbs.length - 1 ? (
              <span aria-current="page">{crumb.text}</span>
            ) : (
              <Link to={crumb.to}>{crumb.text}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
