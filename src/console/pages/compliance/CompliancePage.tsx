import { Button, Group } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { ControlRow, ControlState, CountedFramework } from '../../../contract/compliance.ts'
import { call, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { ExportMenu } from '../../parts/ExportMenu.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { takeFile } from '../../parts/take-file.ts'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { PrintButton } from '../../ui/PrintButton.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { states, stateWords } from './control-states.ts'
import { ControlStateBadge } from './ControlStateBadge.tsx'
import { TrailLink } from './TrailLink.tsx'

export const handle = { crumb: 'Compliance' }

const cleared = { framework: '', state: '', ownerId: '' }

export function Component() {
  const [{ limit: _, cursor: __, fresh: ___, ...filters }, setFilters] =
    useQueryState('compliance.list')
  const asked = { ...filters, limit: 200 }
  const list = query('compliance.list', asked)
  const { data, error } = useQuery({ ...list, placeholderData: keepPreviousData })
  const client = useQueryClient()
  const check = useMutation({
    mutationFn: () => call('compliance.list', { ...asked, fresh: true }),
    onSuccess: (found) => client.setQueryData(list.queryKey, found),
    onError: (fault) => toast(fault.message, { tone: 'failed' }),
  })
  const take = useMutation({
    mutationFn: () => takeFile('compliance.export', filters, ['text/csv', 'compliance.csv']),
    onError: (fault) => toast(fault.message, { tone: 'failed' }),
  })
  return (
    <Page
      title="Compliance"
      purpose="What live data says of each requirement, with its figures and the rows that prove them; and where the product cannot know, that it cannot."
      action={
        <Group gap="xs" className="sp-screen">
          <PrintButton />
          <ExportMenu
            what="compliance"
            noun="controls"
            paper
            query={filters}
            direct={{
              busy: take.isPending,
              files: [{ label: 'CSV', take: () => take.mutate() }],
            }}
          />
        </Group>
      }
    >
      <ProblemNotice error={error} />
      {data && (
        <Group gap="xs" className="sp-dim">
          <span role="status">
            Live data was checked <Time at={data.checkedAt} />.
          </span>
          <Button
            className="sp-screen"
            size="compact-sm"
            variant="default"
            loading={check.isPending}
            onClick={() => check.mutate()}
          >
            Check now
          </Button>
        </Group>
      )}
      {data ? <Frameworks of={data.frameworks} /> : !error && <Skeletons lines={6} />}
      <FilterBar
        filters={[
          {
            key: 'framework',
            label: 'Framework',
            options: (data?.frameworks ?? []).map(({ id, name }) => ({ value: id, label: name })),
          },
          {
            key: 'state',
            label: 'State',
            options: states.map((state) => ({ value: state, label: stateWords[state] })),
          },
          findFilter('person', 'ownerId', 'Owner'),
        ]}
        value={filters}
        onChange={setFilters}
      />
      {data?.items.length === 0 && (
        <NoResults noun="controls" onClear={() => setFilters(cleared)} />
      )}
      {data?.frameworks.map(({ id, name, trail }) => (
        <Controls
          key={id}
          name={name}
          trail={trail}
          rows={data.items.filter(({ framework }) => framework === id)}
        />
      ))}
    </Page>
  )
}

function cellOf(framework: CountedFramework, state: ControlState) {
  const word = stateWords[state]
  const n = framework[state]
  const link = (
    <Link
      to={paths.compliance({ framework: framework.id, state })}
      aria-label={`${framework.name}: ${n} ${word.toLowerCase()}`}
    >
      {num(n)}
    </Link>
  )
  return [word, n > 0 ? link : '0'] as const
}

function Frameworks({ of }: { readonly of: readonly CountedFramework[] }) {
  return (
    <Panel title="Controls by state" flush>
      <DataList
        label="Controls by state"
        heads={['Framework', ...states.map((state) => stateWords[state])]}
        numbers={states.map((state) => stateWords[state])}
        rows={of.map((framework) => ({
          key: framework.id,
          cells: {
            Framework: (
              <Link to={paths.compliance({ framework: framework.id })}>{framework.name}</Link>
            ),
            ...Object.fromEntries(states.map((state) => cellOf(framework, state))),
          },
        }))}
      />
    </Panel>
  )
}

function Controls({
  name,
  trail,
  rows,
}: {
  readonly name: string
  readonly trail: string | null
  readonly rows: readonly ControlRow[]
}) {
  if (rows.length === 0) return null
  return (
    <Panel
      title={name}
      aside={
        <Group gap="md">
          <span className="sp-dim">{count(rows.length, 'control')}</span>
          <TrailLink trail={trail} what={name} />
        </Group>
      }
      flush
    >
      <DataList
        label={name}
        heads={['Control', 'State', 'What live data says', 'Owner']}
        rows={rows.map((row) => ({
          key: row.id,
          cells: {
            Control: (
              <Link to={paths.control(row.id)}>
                {row.ref} {row.title}
              </Link>
            ),
            State: <ControlStateBadge state={row.state} />,
            'What live data says': row.says,
            Owner: row.owner ? <PersonLink person={row.owner} /> : <span>–</span>,
          },
        }))}
      />
    </Panel>
  )
}
