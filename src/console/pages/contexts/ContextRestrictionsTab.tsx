import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Context, Restriction } from '../../../contract/contexts.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Time } from '../../ui/Time.tsx'
import type { Begin } from './RestrictionForm.tsx'
import { useContextHere } from './use-context.ts'

const RestrictionForm = lazy(() =>
  import('./RestrictionForm.tsx').then((module) => ({ default: module.RestrictionForm })),
)

const RemoveRestriction = lazy(() =>
  import('./RemoveRestriction.tsx').then((module) => ({ default: module.RemoveRestriction })),
)

const words = {
  project: 'Project',
  team: 'Team',
  segment: 'Segment',
  expression: 'Expression',
} as const

const columnsWith = (
  allowed: readonly Permission[],
  remove: (restriction: Restriction) => void,
): Column<Restriction>[] => [
  { key: 'kind', title: 'Kind', width: '120px', cell: (row) => words[row.kind] },
  {
    key: 'admits',
    title: 'Admits',
    keep: true,
    cell: (row) =>
      row.target ? (
        <ObjectLink kind={row.kind} id={row.target.id} name={row.target.name} />
      ) : (
        <code>{row.expression}</code>
      ),
  },
  {
    key: 'added',
    title: 'Added',
    width: '130px',
    cell: (row) => <Time at={row.createdAt} />,
  },
  {
    key: 'by',
    title: 'By',
    width: '150px',
    cell: (row) => <PersonLink person={row.createdBy} />,
  },
  {
    key: 'action',
    title: 'Action',
    width: '110px',
    keep: true,
    cell: (row) => (
      <AllowedAction allowed={allowed} may="context:restrict" onClick={() => remove(row)}>
        Remove
      </AllowedAction>
    ),
  },
]

/** A restriction of the kind to begin with: to what is named, or the context's own segment or team, which are what it is for. */
function beginWith(kind: string, target: string | null, { segment, team }: Context): Begin {
  switch (kind) {
    case 'segment':
      return { kind, targetId: segment?.id ?? '' }
    case 'team':
      return { kind, targetId: team?.id ?? '' }
    case 'project':
      return { kind, targetId: target ?? '' }
    default:
      return { kind: 'expression', targetId: '' }
  }
}

export function Component() {
  const context = useContextHere()
  const [params] = useSearchParams()
  // A finding's fix leads here with the kind that is missing.
  const kind = params.get('add')
  const [adding, setAdding] = useState(kind !== null)
  const [removing, setRemoving] = useState<{ restriction: Restriction; version: number }>()
  const ask = (restriction: Restriction) =>
    setRemoving({ restriction, version: list.data?.version ?? 0 })
  const list = useQuery(query('contexts.restrictions', { contextId: context.id }))
  const add = (
    <AllowedAction
      primary
      allowed={context.allowed}
      may="context:restrict"
      onClick={() => setAdding(true)}
    >
      Add restriction
    </AllowedAction>
  )
  return (
    <>
      <p>
        A run is admitted when it meets every kind that is listed: one of the projects, and one of
        the teams, and one of the segments, and all expressions.{' '}
        <strong>No restriction means closed</strong>, for administrators too.
      </p>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Restrictions"
        columns={columnsWith(context.allowed, ask)}
        rows={list.data?.items}
        rowKey={(row) => row.id}
        tools={add}
        empty={
          <Empty title="Closed: no run may use this context" action={add}>
            Add a restriction that says which runs may.
          </Empty>
        }
      />
      {adding && (
        <Suspense>
          <RestrictionForm
            contextId={context.id}
            {...(kind && { begin: beginWith(kind, params.get('target'), context) })}
            onClose={() => setAdding(false)}
          />
        </Suspense>
      )}
      {removing && (
        <Suspense>
          <RemoveRestriction
            contextId={context.id}
            restriction={removing.restriction}
            version={removing.version}
            last={list.data?.items.length === 1}
            onClose={() => setRemoving(undefined)}
          />
        </Suspense>
      )}
    </>
  )
}
