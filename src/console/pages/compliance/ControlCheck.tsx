import { Link } from 'react-router'
import type { Check } from '../../../contract/compliance.ts'
import { EvidenceTable } from '../../parts/EvidenceTable.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { checkPath } from './check-path.ts'
import classes from './ControlCheck.module.css'
import { ControlStateBadge } from './ControlStateBadge.tsx'

/** One check: the question, the answer with its figures, the rows that prove it, and what would satisfy it. */
export function ControlCheck({ check }: { readonly check: Check }) {
  const { id, asks, says, state, rows, more, hidden, satisfy, list } = check
  return (
    <Panel title={says} aside={<ControlStateBadge state={state} />} flush>
      <p className={classes.line}>
        <span className="sp-dim">Asked of live data:</span> {asks}
      </p>
      {rows.length > 0 && <EvidenceTable label={`Rows of ${id}`} rows={rows} />}
      {more + hidden > 0 && (
        <p className={classes.line}>
          {more > 0 && <>And {count(more, 'further row')}. </>}
          {hidden > 0 && <>{count(hidden, 'row')} about what you may not see.</>}
        </p>
      )}
      <p className={classes.line}>
        {state !== 'met' && (
          <>
            <span className="sp-dim">What would satisfy it:</span> {satisfy}{' '}
          </>
        )}
        {list && <Link to={checkPath(list)}>{list.label}</Link>}
      </p>
    </Panel>
  )
}
