import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { DataList } from '../ui/DataList.tsx'
import { Status } from '../ui/Status.tsx'
import { Time } from '../ui/Time.tsx'
import { ObjectLink } from './ObjectLink.tsx'

interface Row {
  readonly what: string
  readonly name: string
  readonly kind?: string | undefined
  readonly id?: string | undefined
  readonly says?: string | undefined
  readonly at?: string | undefined
  /** Of a checked config. */
  readonly line?: number | undefined
  /** Whether it speaks for what is asked or against it; absent where all speak for one thing. */
  readonly good?: boolean
}

const heads = ['What', 'Which', 'Says', 'When']

/** Rows that prove something, each with its page where it has one. */
export function EvidenceTable({
  label,
  rows,
}: {
  readonly label: string
  readonly rows: readonly Row[]
}) {
  const judged = rows.some(({ good }) => good !== undefined)
  return (
    <DataList
      label={label}
      heads={judged ? ['', ...heads] : heads}
      words={['', 'What', 'When']}
      rows={rows.map(({ what, name, kind, id, says, at, line, good }, place) => ({
        key: `${what} ${id ?? name} ${place}`,
        cells: {
          '': good ? (
            <Status is="good">Speaks for it</Status>
          ) : (
            <Status is="denied">Against it</Status>
          ),
          What: what,
          Which:
            kind === 'check' && id && line ? (
              <Link to={paths.check(id, undefined, { line })}>{name}</Link>
            ) : kind && id ? (
              <ObjectLink kind={kind} id={id} name={name} />
            ) : (
              name
            ),
          Says: says ?? '–',
          When: <Time at={at} never="–" />,
        },
      }))}
    />
  )
}
