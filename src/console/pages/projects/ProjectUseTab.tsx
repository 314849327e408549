import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useParams } from 'react-router'
import { snippetFor } from '../../../contract/snippets.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'

const UseIt = lazy(() => import('../../parts/UseIt.tsx').then((m) => ({ default: m.UseIt })))

const ContextsChoice = lazy(() =>
  import('./ContextsChoice.tsx').then((m) => ({ default: m.ContextsChoice })),
)

/** The lines of the project's job, for the contexts that it reaches. */
export function Component() {
  const { projectId = '' } = useParams()
  const { provider } = useSuspenseQuery(query('projects.view', { projectId })).data
  const { data, error } = useQuery(query('projects.contexts', { projectId }))
  const names = (data?.items ?? []).map(({ context }) => context.name)
  const [chosen, setChosen] = useState<string[]>()
  const contexts = chosen ?? names.slice(0, 1)
  if (error) return <ProblemNotice error={error} />
  if (data && names.length === 0) {
    return (
      <Empty title="It reaches no context">
        Let a restriction of a context admit this project; its job’s lines then stand here.
      </Empty>
    )
  }
  return (
    <Suspense fallback={<Skeletons lines={8} />}>
      <UseIt make={(kind, given) => snippetFor(kind, { ...given, contexts })} provider={provider}>
        <Suspense>
          <ContextsChoice names={names} chosen={contexts} onChange={setChosen} />
        </Suspense>
      </UseIt>
    </Suspense>
  )
}
