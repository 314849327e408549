import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { TrustRuleTable } from '../../parts/TrustRuleTable.tsx'
import { TrustTabs } from '../../parts/TrustTabs.tsx'
import { paths } from '../../paths.ts'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'

export const handle = { crumb: 'Trust rules' }

export function Component() {
  const [{ issuerId, projectId }, setFilters] = useQueryState('trustRules.list')
  const me = useQuery(query('me.view', {}))
  const issuers = useQuery(query('issuers.list', { limit: 200 })).data?.items ?? []
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="trustRule:create"
      to={paths.trustRuleNew({ issuerId, projectId })}
    >
      Add trust rule
    </AllowedAction>
  )
  return (
    <Page
      title="Trust rules"
      purpose="Which tokens are told to be which project’s. What no rule admits is refused."
      action={create}
      tabs={<TrustTabs />}
      fill
    >
      <FilterBar
        filters={[
          {
            key: 'issuerId',
            label: 'Issuer',
            options: issuers.map(({ id, name }) => ({ value: id, label: name })),
          },
          findFilter('project', 'projectId', 'Project'),
        ]}
        value={{ issuerId, projectId }}
        onChange={setFilters}
      />
      <TrustRuleTable
        of={{ issuerId, projectId }}
        empty={
          issuerId || projectId ? (
            <NoResults
              noun="trust rules"
              onClear={() => setFilters({ issuerId: '', projectId: '' })}
            />
          ) : (
            <Empty title="No rule yet" action={create}>
              A rule binds a CI system’s claims to a project; until then every token is refused.
            </Empty>
          )
        }
      />
    </Page>
  )
}
