import type { OutputOf } from '../../../contract/index.ts'
import { DataList } from '../../ui/DataList.tsx'
import { Status, type Meaning } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

type Key = OutputOf<'federation.view'>['keys'][number]

const states: Record<Key['state'], readonly [Meaning, string]> = {
  next: ['info', 'Next'],
  signing: ['good', 'Signing'],
  retired: ['unknown', 'Retired'],
}

/** Withdrawn before its time came. */
const neverSigns = ({ retiredAt, signsFrom }: Key) =>
  retiredAt !== null && Date.parse(retiredAt) <= Date.parse(signsFrom)

/** When it ceases to sign: withdrawn, or replaced by the next newer one that signs. */
function endOf(key: Key, newer: readonly Key[]): string | undefined {
  const successor = newer.findLast((one) => !neverSigns(one))
  const ends = [key.retiredAt, successor?.signsFrom].filter((at) => typeof at === 'string')
  return ends.toSorted((one, other) => Date.parse(one) - Date.parse(other))[0]
}

function SignsUntil({ of: key, newer }: { readonly of: Key; readonly newer: readonly Key[] }) {
  if (neverSigns(key)) return 'never signed'
  const end = endOf(key, newer)
  return end === undefined ? 'until it is replaced' : <Time at={end} />
}

/** The keys, newest first, as they come from the API. */
export function FederationKeys({ keys }: { readonly keys: readonly Key[] }) {
  const rows = keys.map((key, index) => {
    const [is, word] = states[key.state]
    return {
      key: key.kid,
      cells: {
        'Key id': <code>{key.kid}</code>,
        State: <Status is={is}>{word}</Status>,
        Made: <Time at={key.createdAt} />,
        'Signs from': <Time at={key.signsFrom} />,
        'Signs until': <SignsUntil of={key} newer={keys.slice(0, index)} />,
        Published: key.retiredAt ? (
          <>
            withdrawn <Time at={key.retiredAt} />
          </>
        ) : key.state === 'retired' ? (
          'for an hour after it signs no more'
        ) : (
          'yes'
        ),
      },
    }
  })
  return (
    <DataList
      label="Keys that sign federated tokens"
      heads={['Key id', 'State', 'Made', 'Signs from', 'Signs until', 'Published']}
      rows={rows}
    />
  )
}
