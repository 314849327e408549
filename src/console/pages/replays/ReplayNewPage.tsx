import { Checkbox, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { Policy } from '../../../contract/policies.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'

export const handle = { crumb: 'New' }

const days = ['7', '30', '90'].map((value) => ({ value, label: `${value} days` }))

/** The version that is proposed: asked for, tried, or written last. */
const proposed = ({ asked, versionInForce, mode, currentVersion }: Policy) =>
  asked?.version ?? (mode === 'evaluate' ? versionInForce : null) ?? currentVersion

/** What stands in the way of being enforced as it is: nothing for one that is enforced already. */
const isProposed = (policy: Policy) =>
  policy.asked !== null || policy.mode === 'evaluate' || policy.mode === 'draft'

/** A set of policies as it is proposed: what is asked for or evaluated is chosen already. */
export function Component() {
  const list = useQuery(query('policies.list', { limit: 200 }))
  return (
    <Page title="Replay a set">
      <ProblemNotice error={list.error} />
      {list.data ? <Choose policies={list.data.items} /> : <Skeletons lines={8} />}
    </Page>
  )
}

function Choose({ policies }: { policies: readonly Policy[] }) {
  const navigate = useNavigate()
  const create = useChange('replays.create')
  const [span, setSpan] = useState('30')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () =>
      new Set(
        policies
          .filter(({ asked, mode }) => asked !== null || mode === 'evaluate')
          .map(({ id }) => id),
      ),
  )
  const changes = policies
    .filter(({ id }) => chosen.has(id))
    .map((policy) => {
      const enforced = policy.mode === 'enforce' && policy.asked === null
      return enforced
        ? { policyId: policy.id, removed: true }
        : { policyId: policy.id, policyVersion: proposed(policy) }
    })
  const begin = () =>
    create.mutate(
      { input: { changes, days: Number(span) } },
      { onSuccess: ({ id }) => void navigate(paths.replay(id)) },
    )
  const box = (policy: Policy, says: string) => (
    <Checkbox key={policy.id} mt="xs" value={policy.id} label={policy.name} description={says} />
  )
  const group = {
    value: [...chosen],
    onChange: (ids: string[]) => setChosen(new Set(ids)),
  }
  const enforced = policies.filter((policy) => !isProposed(policy))
  return (
    <Form
      submit="Replay set"
      onSubmit={begin}
      onCancel={() => void navigate(paths.replays())}
      busy={create.isPending}
      errors={formErrors(create.error)}
      blocked={changes.length === 0 ? 'Choose at least one policy.' : undefined}
    >
      <NativeSelect
        label="Decisions of the last"
        data={days}
        value={span}
        onChange={(event) => setSpan(event.currentTarget.value)}
      />
      <Checkbox.Group
        {...group}
        label="Enforced besides"
        description="As if each were enforced from the beginning."
      >
        {policies.filter(isProposed).map((policy) => {
          const state = policy.asked
            ? 'awaits approval'
            : policy.mode === 'evaluate'
              ? 'evaluated'
              : 'draft'
          return box(policy, `version ${proposed(policy)}, ${state}`)
        })}
      </Checkbox.Group>
      {enforced.length > 0 && (
        <Checkbox.Group {...group} label="Not enforced any more">
          {enforced.map((policy) => box(policy, `version ${policy.versionInForce}, enforced`))}
        </Checkbox.Group>
      )}
    </Form>
  )
}
