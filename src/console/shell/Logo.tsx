import { Link } from 'react-router'
import { paths } from '../paths.ts'
import classes from './Sidebar.module.css'

export function Logo() {
  return (
    <Link to={paths.overview()} className={classes.logo} aria-label="Sallyport, to the overview">
      <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="7" fill="var(--sp-accent-fill)" />
        <path d="M7 25V13a9 9 0 0 1 18 0v12h-4V13a5 5 0 0 0-10 0v12z" fill="var(--sp-on-accent)" />
        <path d="M14.5 14h3v11h-3z" fill="var(--sp-on-accent)" opacity=".6" />
      </svg>
      Sallyport
    </Link>
  )
}
