import { Link } from 'react-router'
import { useMay } from '../../parts/use-may.ts'
import { paths } from '../../paths.ts'

interface Props {
  /** All of the record where it is empty; where there is none, no event stands behind it. */
  readonly trail: string | null
  readonly what: string
}

/** The way to an evidence pack: the audit trail with the search that finds the events behind it. */
export function TrailLink({ trail, what }: Props) {
  const may = useMay()
  if (trail === null || !may('audit:view')) return null
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
