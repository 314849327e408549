import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { InboxItem, InboxKind } from '../../../contract/inbox.ts'
import { query } from '../../api/client.ts'
import { inboxKinds } from '../../parts/inbox-kinds.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'

export const handle = { crumb: 'Inbox' }

/** What waits for one, most urgent first in each group. */
export function Component() {
  const { data, error } = useQuery(query('inbox.view', {}))
  const of = (wanted: InboxKind) => data?.items.filter(({ kind }) => kind === wanted) ?? []
  return (
    <Page title="Inbox" purpose="What waits for you. It goes from here when you have done it.">
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={6} />}
      {data?.items.length === 0 && (
        <Empty title="Nothing waits for you">
          Requests and exceptions that you decide on, access that you review, questions to you and
          grants of yours that end soon come here.
        </Empty>
      )}
      {inboxKinds.map(({ kind, title, until, to }) => {
        const items = of(kind)
        if (items.length === 0) return null
        return (
          <Panel
            key={kind}
            title={title}
            aside={<span className="sp-dim sp-num">{num(items.length)}</span>}
            flush
          >
            <Items title={title} items={items} until={until} to={to} />
          </Panel>
        )
      })}
    </Page>
  )
}

interface Props {
  readonly title: string
  readonly items: readonly InboxItem[]
  readonly until: string
  readonly to: (id: string) => string
}

function Items({ title, items, until, to }: Props) {
  // Of some kinds nobody says anything, and of others not each time.
  const words = items.some(({ text }) => text) ? ['Words'] : []
  return (
    <DataList
      label={title}
      heads={['What', ...words, 'Since', until]}
      rows={items.map((item) => ({
        key: item.id,
        cells: {
          What: <Link to={to(item.id)}>{item.title}</Link>,
          Words: item.text || '–',
          Since: <Time at={item.since} />,
          [until]: <Time at={item.until} never="–" />,
        },
      }))}
    />
  )
}
