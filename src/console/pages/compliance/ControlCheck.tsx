import { Link } from 'react-router'
import type { Check } from '../../../contract/compliance.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
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
      {rows.length > 0 && (
        <DataList
          label={`Rows of ${id}`}
          heads={['', 'What', 'Which', 'Says', 'When']}
          rows={rows.map((row, at) => ({
            key: `${row.what} ${row.id ?? row.name} ${at}`,
            cells: {
              '': row.good ? (
                <Status is="good">Speaks for it</Status>
              ) : (
                <Status is="denied">Against it</Status>
              ),
              What: row.what,
              Which:
                row.kind && row.id ? (
                  <ObjectLink kind={row.kind} id={row.id} name={row.name} />
                ) : (
                  row.name
                ),
              Says: row.says ?? '–',
              When: <Time at={row.at} never="–" />,
            },
          }))}
        />
      )}
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
