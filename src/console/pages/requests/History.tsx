import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { Time } from '../../ui/Time.tsx'

type Lines = AccessRequestDetail['history']

const words: Record<Lines[number]['kind'], string> = {
  asked: 'Asked',
  approved: 'Approved',
  narrowed: 'Narrowed to',
  denied: 'Denied',
  asked_back: 'Asked back',
  answered: 'Answered',
  withdrawn: 'Withdrawn',
  lapsed: 'Lapsed: nobody decided in time',
  began: 'Access began',
  ended: 'Ended early',
  expired: 'Access ended by itself',
}

/** What people did with it, and what the clock did. Never lost. */
export function History({ of }: { readonly of: Lines }) {
  return (
    <DataList
      label="What happened"
      heads={['When', 'Who', 'What', 'Words']}
      rows={of.map(({ at, by, kind, step, text }, index) => ({
        key: `${index} ${kind}`,
        cells: {
          When: <Time at={at} />,
          Who: <PersonLink person={by} />,
          What: step === 'security' ? `${words[kind]}, for security` : words[kind],
          Words: text || '–',
        },
      }))}
    />
  )
}
