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

/** When it ceases to sign: withdrawn, or replaced by the newer one above it. */
function endOf(key: Key, newer: Key | undefined): string | undefined {
  const ends = [key.retiredAt, newer?.signsFrom].filter((at) => at !== null && at !== undefined)
  return ends.toSorted((one, other) => Date.parse(one) - Date.parse(other))[0]
}

function Signs({ signing, until }: { readonly signing: Key; readonly until: string | undefined }) {
  if (until === undefined) return 'until it is replaced'
  if (Date.parse(until) <= Date.parse(signing.signsFrom)) return 'never signed'
  return <Time at={until} />
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
        'Signs until': <Signs signing={key} until={endOf(key, keys[index - 1])} />,
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
