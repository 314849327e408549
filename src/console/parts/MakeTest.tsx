import { Button, Group, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { query, useChange } from '../api/client.ts'
import { paths } from '../paths.ts'
import { toast } from '../ui/toasts.ts'
import { ProblemNotice } from './ProblemNotice.tsx'

/** Makes a recorded decision a test of a policy, with one click: of the one that is given, or of one that is chosen. */
export function MakeTest(props: {
  decisionId: string
  policies?: readonly { readonly id: string; readonly name: string }[]
}) {
  const { decisionId, policies = [] } = props
  const list = useQuery(query('policies.list', { limit: 200 }))
  const add = useChange('policyTests.fromDecision')
  const [chosen, setChosen] = useState<string | null>(policies[0]?.id ?? null)
  const writable = list.data?.items.filter(({ allowed }) => allowed.includes('policy:update')) ?? []
  // Those that had a say in it come first.
  const offered = [
    ...writable.filter(({ id }) => policies.some((policy) => policy.id === id)),
    ...writable.filter(({ id }) => !policies.some((policy) => policy.id === id)),
  ]
  if (list.data && offered.length === 0) {
    return <p>You need the permission policy:update to make it a test.</p>
  }
  const make = (expected: 'denied' | 'permitted') => {
    if (!chosen) return
    add.mutate(
      { input: { policyId: chosen, decisionId, expected } },
      {
        onSuccess: (made) =>
          toast(
            made.leftOut.length > 0
              ? `It is a test now. Left out: ${made.leftOut.join(', ')}.`
              : 'It is a test now.',
          ),
      },
    )
  }
  return (
    <>
      <ProblemNotice error={list.error ?? add.error} />
      <Group align="end">
        <Select
          label="Policy"
          description="Its tests run on every edit; failing ones keep it out of force."
          searchable
          data={offered.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen}
          onChange={setChosen}
        />
        <Button disabled={!chosen} loading={add.isPending} onClick={() => make('permitted')}>
          Must be permitted
        </Button>
        <Button disabled={!chosen} loading={add.isPending} onClick={() => make('denied')}>
          Must be denied
        </Button>
        {add.data && chosen && <Link to={paths.policy(chosen, 'tests')}>See its tests</Link>}
      </Group>
    </>
  )
}
