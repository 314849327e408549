import { NavLink } from 'react-router'
import type { Group } from './navigation.ts'
import classes from './Sidebar.module.css'

/** The places, grouped by intent. */
export function Sidebar({ groups }: { groups: readonly Group[] }) {
  return (
    <nav aria-label="Console" className={classes.nav}>
      {groups.map((group) => (
        <div key={group.label || 'home'} className={classes.group}>
          {group.label && <h2 className={classes.title}>{group.label}</h2>}
          <ul>
            {group.places.map((place) => (
              <li key={place.to}>
                <NavLink to={place.to} end={place.to === '/'} className={classes.place!}>
                  <place.icon size={16} stroke={1.6} aria-hidden />
                  {place.label}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
