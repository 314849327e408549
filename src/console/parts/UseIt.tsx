import { SegmentedControl, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import type { CheckGiven, Snippet, SnippetKind } from '../../contract/snippets.ts'
import { query } from '../api/client.ts'
import { paths } from '../paths.ts'
import { CopyCode } from '../ui/CopyCode.tsx'
import { Told } from '../ui/Told.tsx'
import { ciSystems } from './ci-systems.ts'
import classes from './UseIt.module.css'

const kinds: readonly SnippetKind[] = ['circleci', 'github', 'gitlab']
const choices = kinds.map((value) => ({ value, label: ciSystems[value].label }))

interface Props {
  readonly make: (kind: SnippetKind, given: CheckGiven) => Snippet
  /** Where the project runs; else one chooses. */
  readonly provider?: SnippetKind
  /** What else is chosen. */
  readonly children?: ReactNode
}

/** The lines of a job, filled in and ready to be copied. */
export function UseIt({ make, provider, children }: Props) {
  const issuers = useQuery(query('issuers.list', { limit: 200 }))
  const all = issuers.data?.items ?? []
  const [chosenKind, setKind] = useState<SnippetKind>()
  const [issuerId, setIssuerId] = useState<string>()
  // The first CI system that is trusted, until another is chosen.
  const kind =
    provider ??
    chosenKind ??
    kinds.find((each) => all.some((one) => one.kind === each)) ??
    'circleci'
  const ofKind = all.filter((issuer) => issuer.kind === kind)
  const issuer = ofKind.find(({ id }) => id === issuerId) ?? ofKind[0]
  const { origin } = window.location
  const snippet = make(kind, { url: origin, audience: issuer?.audience ?? origin })
  return (
    <div className={classes.use}>
      <div className={classes.choices}>
        {!provider && (
          <SegmentedControl aria-label="CI system" data={choices} value={kind} onChange={setKind} />
        )}
        {ofKind.length > 1 && (
          <Select
            aria-label="Issuer"
            allowDeselect={false}
            data={ofKind.map(({ id, name }) => ({ value: id, label: name }))}
            value={issuer?.id ?? null}
            onChange={(next) => setIssuerId(next ?? undefined)}
          />
        )}
        {children}
      </div>
      {issuers.data && !issuer && (
        <p role="note">
          No {ciSystems[kind].label} is trusted yet, so that this job would be refused.{' '}
          <Link to={paths.issuerNew()}>Trust an issuer</Link>; until then the audience below is this
          console’s own address.
        </p>
      )}
      <div className={classes.columns}>
        <CopyCode name={snippet.file} text={snippet.text} />
        <div>
          <h2>Before you use it</h2>
          <ul>
            {snippet.notes.map((note) => (
              <li key={note}>
                <Told text={note} />
              </li>
            ))}
          </ul>
        </div>
      </div>
    </div>
  )
}
