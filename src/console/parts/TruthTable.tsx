import type { Clause } from '../../contract/truth-table.ts'
import { DataList } from '../ui/DataList.tsx'
import { Status, type Meaning } from '../ui/Status.tsx'
import { layerNames } from './layers.ts'
import { ModeBadge } from './ModeBadge.tsx'
import { ObjectLink } from './ObjectLink.tsx'

const values: Record<Clause['value'], { is: Meaning; word: string }> = {
  true: { is: 'good', word: 'True' },
  false: { is: 'denied', word: 'False' },
  unknown: { is: 'unknown', word: 'Unknown, which denies' },
  error: { is: 'denied', word: 'Error, which denies' },
  not_asked: { is: 'plain', word: 'Not asked' },
}

const linked = (kind: string) => kind === 'policy' || kind === 'segment' || kind === 'trustRule'

/** Every clause of every layer with its truth, whether or not the outcome depends on it. */
export function TruthTable({ clauses }: { readonly clauses: readonly Clause[] }) {
  return (
    <DataList
      label="Truth of every clause"
      heads={['Clause', 'Holds', 'The run', 'Layer']}
      rows={clauses.map((clause, index) => {
        const { layer, depth, value, because, mode } = clause
        const { is, word } = values[value]
        const wants = value === 'true' || value === 'not_asked'
        // A part that is false need not be wrong: only what stands outermost, and decides, is marked.
        const bad = depth === 0 && !wants && mode !== 'evaluate'
        return {
          key: String(index),
          depth: Math.min(depth, 3),
          bad,
          cells: {
            Clause: (
              <span className={depth > 0 || isCode(clause) ? 'sp-mono' : undefined}>
                {clause.clause} {mode && <ModeBadge mode={mode} />}
              </span>
            ),
            Holds: <Status is={depth > 0 && value === 'false' ? 'unknown' : is}>{word}</Status>,
            'The run': <span className="sp-mono">{clause.actual ?? ''}</span>,
            Layer: (
              <span className="sp-dim">
                {layerNames[layer]}{' '}
                {depth === 0 && because && linked(because.kind) && <ObjectLink {...because} />}
              </span>
            ),
          },
        }
      })}
    />
  )
}

const isCode = ({ layer, because }: Clause) =>
  layer === 'restriction' && because?.kind === 'restriction'
