import { Link, useLocation, useMatches } from 'react-router'
import classes from './Breadcrumbs.module.css'
import { placeOf } from './navigation.ts'

/** What a route's `handle` may carry: its crumb, as words or made from what its loader gave. */
export interface Handle {
  readonly crumb: string | ((loaderData: never) => string | undefined)
}

const isHandle = (handle: unknown): handle is Handle =>
  typeof handle === 'object' && handle !== null && 'crumb' in handle

export function Breadcrumbs() {
  const place = placeOf(useLocation().pathname)
  const own = useMatches().flatMap((match) => {
    if (!isHandle(match.handle)) return []
    const { crumb } = match.handle
    const text = typeof crumb === 'string' ? crumb : crumb(match.loaderData as never)
    return text ? [{ to: match.pathname, text }] : []
  })
  // An object, a form or a tab below a place begins with the place; the place itself names itself.
  const nested = place && own[0]?.text !== place.label
  const crumbs = nested ? [{ to: place.to, text: place.label }, ...own] : own
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
