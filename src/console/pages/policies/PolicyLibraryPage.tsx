import { useQuery } from '@tanstack/react-query'
import type { StarterPolicy } from '../../../contract/policies.ts'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import classes from './PolicyLibraryPage.module.css'

export const handle = { crumb: 'Library' }

export function Component() {
  const me = useQuery(query('me.view', {}))
  const library = useQuery(query('policies.starters', {}))
  const held = me.data?.may.map(({ permission }) => permission) ?? []
  return (
    <Page
      title="Policy library"
      purpose="Policies that others began with, in plain words. Each becomes a draft of your own; nothing is enforced by choosing it."
      action={
        <>
          <AllowedAction allowed={held} may="policy:create" to={paths.policyTemplate()}>
            Fill in a template
          </AllowedAction>
          <AllowedAction allowed={held} may="policy:create" to={paths.policyNew()}>
            Begin with an empty policy
          </AllowedAction>
        </>
      }
    >
      <ProblemNotice error={library.error} />
      {!library.data && <Skeletons lines={12} />}
      <div className={classes.library}>
        {library.data?.items.map((starter) => (
          <Starter key={starter.id} starter={starter} held={held} />
        ))}
      </div>
    </Page>
  )
}

function Starter({ starter, held }: { starter: StarterPolicy; held: readonly string[] }) {
  return (
    <Panel title={starter.name}>
      <div className={classes.starter}>
        <p>{starter.explanation}</p>
        <ul aria-label={`What ${starter.name} decides`}>
          {starter.examples.map(({ says, outcome }) => (
            <li key={says}>
              <span>{says}</span>
              <OutcomeBadge outcome={outcome} />
            </li>
          ))}
        </ul>
        <AllowedAction
          allowed={held}
          may="policy:create"
          to={paths.policyNew({ starter: starter.id })}
        >
          Begin with {starter.name}
        </AllowedAction>
      </div>
    </Panel>
  )
}
