import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { TrustRule } from '../../contract/trust-rules.ts'
import { risksOf } from '../../contract/trust.ts'
import { pages } from '../api/client.ts'
import { paths } from '../paths.ts'
import { DataTable, type Column } from '../ui/DataTable.tsx'
import { count } from '../ui/format.ts'
import { Status } from '../ui/Status.tsx'
import { Time } from '../ui/Time.tsx'
import { conditionText } from './conditions.ts'
import { ProblemNotice } from './ProblemNotice.tsx'

/** The worst of what an attacker could make of the rule, and how many more there are. */
function Risk({ rule }: { readonly rule: TrustRule }) {
  const risks = risksOf(rule.issuer.kind, rule, rule.issuer.audience)
  const worst = (['high', 'medium', 'low'] as const).find((severity) =>
    risks.some((risk) => risk.severity === severity),
  )
  if (!worst) return <Status is="good">None known</Status>
  const says = risks.map((risk) => risk.says).join('\n')
  return (
    <span title={says}>
      <Status is={worst}>{count(risks.length, 'risk')}</Status>
    </span>
  )
}

const columns: Column<TrustRule>[] = [
  {
    key: 'name',
    title: 'Rule',
    width: '220px',
    cell: (row) => <Link to={paths.trustRule(row.id)}>{row.name}</Link>,
  },
  {
    key: 'project',
    title: 'Project',
    width: '190px',
    keep: true,
    cell: (row) => <Link to={paths.project(row.project.id)}>{row.project.name}</Link>,
  },
  {
    key: 'issuer',
    title: 'Issuer',
    width: '180px',
    cell: (row) => <Link to={paths.issuer(row.issuer.id)}>{row.issuer.name}</Link>,
  },
  {
    key: 'conditions',
    title: 'Admits tokens where',
    cell: (row) => {
      const text = row.conditions.map(conditionText).join(' and ')
      return (
        <span className="sp-mono" title={text}>
          {text}
        </span>
      )
    },
  },
  { key: 'risk', title: 'Risk', width: '130px', keep: true, cell: (row) => <Risk rule={row} /> },
  {
    key: 'used',
    title: 'Last used',
    width: '130px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

interface Props {
  readonly of: { readonly issuerId?: string | undefined; readonly projectId?: string | undefined }
  /** Known from where the table stands. */
  readonly without?: 'issuer' | 'project'
  readonly tools?: ReactNode
  readonly empty: ReactNode
}

/** Trust rules: of all issuers, of one, or of one project. */
export function TrustRuleTable({ of, without, tools, empty }: Props) {
  const list = useInfiniteQuery(pages('trustRules.list', of))
  return (
    <>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Trust rules"
        columns={columns.filter(({ key }) => key !== without)}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.trustRule(row.id)}
        tools={tools}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={empty}
      />
    </>
  )
}
