import { Link } from 'react-router'
import { useMay } from '../../parts/use-may.ts'
import { paths } from '../../paths.ts'

/** The way to an evidence pack: the audit trail with the search that finds the events behind it. */
export function TrailLink({ trail, what }: { readonly trail: string; readonly what: string }) {
  if (!useMay()('audit:view')) return null
  return (
    <Link
      className="sp-screen"
      to={paths.audit(trail ? { q: trail } : {})}
      aria-label={`Evidence of ${what} in the audit trail`}
    >
      Evidence in the audit trail
    </Link>
  )
}
