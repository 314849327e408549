import type { OutputOf } from '../../../contract/index.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { Status } from '../../ui/Status.tsx'

/** Only those who are eligible now, each with the reason. */
export function Approvers({ approvers }: Pick<OutputOf<'requests.preview'>, 'approvers'>) {
  if (approvers.length === 0) {
    return <p>Nobody may decide on it now: no lead, and nobody who decides on the organization.</p>
  }
  return (
    <DataList
      label="Who may decide"
      heads={['Who', 'Why', 'May grant it']}
      rows={approvers.map(({ person, because, holds }) => ({
        key: person.id,
        cells: {
          Who: <PersonLink person={person} />,
          Why: because,
          'May grant it': holds ? (
            <Status is="good">holds it there</Status>
          ) : (
            <Status is="unknown">one who holds it must follow</Status>
          ),
        },
      }))}
    />
  )
}
