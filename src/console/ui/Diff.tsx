import { Button } from '@mantine/core'
import { useState } from 'react'
import classes from './Diff.module.css'
import { changes, fieldName, valueText } from './diff.ts'

/** What changed, in words; the JSON is one click away. */
export function Diff({
  before,
  after,
  beforeLabel = 'Before',
  afterLabel = 'After',
}: {
  before: unknown
  after: unknown
  beforeLabel?: string
  afterLabel?: string
}) {
  const [json, setJson] = useState(false)
  const list = changes(before, after)
  return (
    <div className={classes.diff}>
      {list.length === 0 && <p className="sp-dim">Nothing differs.</p>}
      {list.length > 0 && !json && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">{beforeLabel}</th>
              <th scope="col">{afterLabel}</th>
            </tr>
          </thead>
          <tbody>
            {list.map((change) => (
              <tr key={`${change.path} ${valueText(change.before)} ${valueText(change.after)}`}>
                <th scope="row">{fieldName(change.path)}</th>
                <td>{change.kind !== 'added' && <del>{valueText(change.before)}</del>}</td>
                <td>{change.kind !== 'removed' && <ins>{valueText(change.after)}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {json && (
        <div className={classes.json}>
          <pre aria-label={beforeLabel}>{JSON.stringify(before ?? null, null, 2)}</pre>
          <pre aria-label={afterLabel}>{JSON.stringify(after ?? null, null, 2)}</pre>
        </div>
      )}
      {list.length > 0 && (
        <Button variant="subtle" onClick={() => setJson(!json)}>
          {json ? 'Show words' : 'Show JSON'}
        </Button>
      )}
    </div>
  )
}
