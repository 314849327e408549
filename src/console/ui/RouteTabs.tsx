import { NavLink } from 'react-router'
import classes from './RouteTabs.module.css'
import { num } from './format.ts'

export interface RouteTab {
  label: string
  to: string
  /** The index tab matches only its own path. */
  end?: boolean
  count?: number
}

/** Tabs as routes: links in a named navigation, so that each tab has a URL and Back works. */
export function RouteTabs({ label, tabs }: { label: string; tabs: readonly RouteTab[] }) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end={tab.end ?? false} className={classes.tab!}>
          {tab.label}
          {tab.count !== undefined && <span className={classes.count}>{num(tab.count)}</span>}
        </NavLink>
      ))}
    </nav>
  )
}
