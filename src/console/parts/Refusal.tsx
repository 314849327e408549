import type { Layer } from '../../contract/decisions.ts'
import { Status } from '../ui/Status.tsx'
import { Told } from '../ui/Told.tsx'
import { failedOf, layerNames } from './layers.ts'
import { ModeBadge } from './ModeBadge.tsx'
import { ObjectLink } from './ObjectLink.tsx'
import classes from './Refusal.module.css'

/** What stood in the way, and nothing else: each failed clause with both values, then the smallest change. */
export function Refusal({ layers }: { readonly layers: readonly Layer[] }) {
  const failed = failedOf(layers)
  const changes = [...new Set(failed.flatMap(({ change }) => change ?? []))]
  return (
    <>
      <ul className={classes.failed} aria-label="What stood in the way">
        {failed.map((layer) => (
          <li key={`${layer.layer} ${layer.clause}`}>
            <div className={classes.head}>
              <Status is="denied">{layerNames[layer.layer]}</Status>
              <strong>{layer.clause}</strong>
            </div>
            <dl className={classes.values}>
              <div>
                <dt>Expected</dt>
                <dd className="sp-mono">{layer.expected ?? 'that it holds'}</dd>
              </div>
              <div>
                <dt>Actual</dt>
                <dd className="sp-mono">{layer.actual ?? 'not known'}</dd>
              </div>
              {layer.because.length > 0 && (
                <div>
                  <dt>Because of</dt>
                  <dd>
                    {layer.because.map((cause, index) => (
                      <span key={cause.id}>
                        {index > 0 && ', '}
                        <ObjectLink {...cause} />{' '}
                        {(cause.mode === 'enforce' || cause.mode === 'evaluate') && (
                          <ModeBadge mode={cause.mode} />
                        )}
                      </span>
                    ))}
                  </dd>
                </div>
              )}
            </dl>
          </li>
        ))}
      </ul>
      {changes.length > 0 && (
        <div className={classes.change}>
          <h3>
            {changes.length > 1
              ? 'The smallest change that would permit it: all of'
              : 'The smallest change that would permit it'}
          </h3>
          <ul>
            {changes.map((change) => (
              <li key={change}>
                <Told text={change} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
