import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { OutputOf } from '../../../contract/index.ts'
import { call } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'

export type Probed = OutputOf<'issuers.probe'>

interface Props {
  readonly url: string
  readonly blocked?: string | undefined
  readonly onProbed?: (probed: Probed) => void
}

/** Asks an address for its discovery document and keys, by the server; nothing is remembered. */
export function Probe({ url, blocked, onProbed }: Props) {
  const probe = useMutation({
    mutationFn: () => call('issuers.probe', { url }),
    onSuccess: (probed) => onProbed?.(probed),
  })
  const answer = probe.variables === undefined ? probe.data : undefined
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 'var(--sp-2)' }}>
      <div style={{ display: 'flex', alignItems: 'center', gap: 'var(--sp-3)', flexWrap: 'wrap' }}>
        <Button
          variant="default"
          loading={probe.isPending}
          disabled={blocked !== undefined || url === ''}
          onClick={() => probe.mutate()}
        >
          Ask the issuer
        </Button>
        <span className="sp-dim">{blocked ?? 'What its discovery document and keys say now.'}</span>
      </div>
      <ProblemNotice error={probe.error} />
      <div aria-live="polite">
        {answer && (
          <Facts
            of={{
              Answer: answer.reachable ? (
                <Status is="good">Reachable</Status>
              ) : (
                <Status is="high">Out of reach</Status>
              ),
              ...(answer.reachable && {
                Keys: count(answer.keys, 'key'),
                Algorithms: answer.algorithms.join(', ') || 'not said',
              }),
              ...(answer.fault && { Fault: answer.fault }),
            }}
          />
        )}
      </div>
    </div>
  )
}
