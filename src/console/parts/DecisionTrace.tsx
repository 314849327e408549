import type { Layer } from '../../contract/decisions.ts'
import { Status, type Meaning } from '../ui/Status.tsx'
import classes from './DecisionTrace.module.css'
import { layerNames } from './layers.ts'
import { ModeBadge } from './ModeBadge.tsx'
import { ObjectLink } from './ObjectLink.tsx'

const verdicts: Record<Layer['verdict'], { is: Meaning; word: string }> = {
  permitted: { is: 'permitted', word: 'Permitted' },
  denied: { is: 'denied', word: 'Denied' },
  would_deny: { is: 'would', word: 'Would be denied' },
  not_asked: { is: 'unknown', word: 'Not asked' },
  error: { is: 'denied', word: 'Error, which denies' },
}
const kinds: Readonly<Record<string, string>> = { trustRule: 'trust rule', apiToken: 'API token' }
const isMode = (mode: string | undefined): mode is 'draft' | 'evaluate' | 'enforce' =>
  mode === 'draft' || mode === 'evaluate' || mode === 'enforce'

/** How a decision was made: each layer in order with its verdict, the clause, and what was expected beside what was. */
export function DecisionTrace({ layers }: { layers: readonly Layer[] }) {
  return (
    <ol className={classes.trace} aria-label="How it was decided">
      {layers.map((layer) => {
        const verdict = verdicts[layer.verdict]
        return (
          <li key={`${layer.layer}-${layer.clause}`} data-verdict={layer.verdict}>
            <div className={classes.head}>
              <strong>{layerNames[layer.layer]}</strong>
              <Status is={verdict.is}>{verdict.word}</Status>
            </div>
            <p>{layer.clause}</p>
            {(layer.expected !== undefined || layer.actual !== undefined) && (
              <dl className={classes.values}>
                <div>
                  <dt>Expected</dt>
                  <dd className="sp-mono">{layer.expected ?? '–'}</dd>
                </div>
                <div>
                  <dt>Actual</dt>
                  <dd className="sp-mono">{layer.actual ?? '–'}</dd>
                </div>
              </dl>
            )}
            {layer.change !== undefined && <p className="sp-dim">To permit it: {layer.change}</p>}
            {layer.because.length > 0 && (
              <ul className={classes.because} aria-label="Because of">
                {layer.because.map((cause) => (
                  <li key={cause.id}>
                    <span className="sp-dim">{kinds[cause.kind] ?? cause.kind}</span>{' '}
                    <ObjectLink kind={cause.kind} id={cause.id} name={cause.name} />
                    {isMode(cause.mode) && <ModeBadge mode={cause.mode} />}
                  </li>
                ))}
              </ul>
            )}
          </li>
        )
      })}
    </ol>
  )
}
