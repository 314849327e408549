import { lazy, Suspense } from 'react'
import { Link, useLocation } from 'react-router'
import { paths } from '../paths.ts'
import { placeOf, type Group } from './navigation.ts'
import classes from './Sidebar.module.css'

const InboxCount = lazy(() => import('./InboxCount.tsx').then((m) => ({ default: m.InboxCount })))

/** The places, grouped by intent. */
export function Sidebar({ groups }: { groups: readonly Group[] }) {
  const current = placeOf(useLocation().pathname)?.place.to
  return (
    <nav aria-label="Console" className={classes.nav}>
      {groups.map((group) => (
        <div key={group.label || 'home'} className={classes.group}>
          {group.label && <h2 className={classes.title}>{group.label}</h2>}
          <ul>
            {group.places.map((place) => (
              <li key={place.to}>
                <Link
                  to={place.to}
                  className={classes.place}
                  aria-current={place.to === current ? 'page' : undefined}
                >
                  <place.icon size={16} stroke={1.6} aria-hidden />
                  {place.label}
                  <Suspense>{place.to === paths.inbox() && <InboxCount />}</Suspense>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
