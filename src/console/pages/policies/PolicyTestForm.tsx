import { SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { PolicyDetail } from '../../../contract/policies.ts'
import type { PolicyFacts } from '../../../contract/policy-facts.ts'
import type { PolicyTest, TestExpected } from '../../../contract/policy-tests.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { toast } from '../../ui/toasts.ts'

const templates: Readonly<Record<PolicyFacts['kind'], () => PolicyFacts>> = {
  run: () => ({
    kind: 'run',
    at: new Date().toISOString(),
    workload: { id: 'circleci:gh/org/project', name: 'project pipeline' },
    context: { id: 'context', name: 'production' },
    project: { id: 'project', name: 'project' },
    provider: 'circleci',
    branch: 'main',
    fromFork: false,
    sshRerun: false,
    approvers: [],
    authors: [],
  }),
  console: () => ({
    kind: 'console',
    at: new Date().toISOString(),
    action: 'context:update',
    person: { id: 'somebody', name: 'Somebody', teams: [] },
    client: 'console',
    resource: { kind: 'context', id: 'context', name: 'production' },
  }),
}

const written = (facts: PolicyFacts) => JSON.stringify(facts, null, 2)

function read(text: string): PolicyFacts | undefined {
  try {
    return JSON.parse(text) as PolicyFacts
  } catch {
    return undefined
  }
}

/** A new test by its facts, or one that is there: its name and what it expects can be changed. */
export function PolicyTestForm(props: {
  policy: PolicyDetail
  test: PolicyTest | undefined
  onClose: () => void
}) {
  const { policy, test, onClose } = props
  const create = useChange('policyTests.create')
  const update = useChange('policyTests.update')
  const [name, setName] = useState(test?.name ?? '')
  const [expected, setExpected] = useState<TestExpected>(test?.expected ?? 'denied')
  const [kind, setKind] = useState<PolicyFacts['kind']>(test?.facts.kind ?? 'run')
  const [text, setText] = useState(() => written(test?.facts ?? templates.run()))
  const facts = read(text)
  const errors = formErrors(create.error ?? update.error)
  const may = policy.allowed.includes('policy:update')
  const done = (saved: PolicyTest) => {
    toast(`Test “${saved.name}” is saved.`)
    onClose()
  }
  const save = () => {
    const values = { policyId: policy.id, name: name.trim(), expected }
    if (test) {
      update.mutate(
        { input: { ...values, testId: test.id }, version: test.version },
        { onSuccess: done },
      )
    } else if (facts) create.mutate({ input: { ...values, facts } }, { onSuccess: done })
  }
  return (
    <SideDrawer title={test ? 'Test' : 'Add test'} opened wide onClose={onClose}>
      <Form
        wide
        submit={test ? 'Save test' : 'Add test'}
        onSubmit={save}
        onCancel={onClose}
        busy={create.isPending || update.isPending}
        errors={errors}
        blocked={
          !may
            ? 'You need the permission policy:update here.'
            : name.trim() === ''
              ? 'Give it a name.'
              : !facts
                ? 'The facts are not JSON.'
                : undefined
        }
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          maxLength={200}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="What the policy must say"
          data={[
            { value: 'denied', label: 'Must be denied' },
            { value: 'permitted', label: 'Must be permitted' },
          ]}
          value={expected}
          onChange={setExpected}
        />
        {!test && (
          <SegmentedControl
            aria-label="What is asked"
            data={[
              { value: 'run', label: 'A pipeline run' },
              { value: 'console', label: 'An action in the console' },
            ]}
            value={kind}
            onChange={(next) => {
              setKind(next)
              setText(written(templates[next]()))
            }}
          />
        )}
        <Textarea
          {...field('facts', errors)}
          label="Facts"
          description={
            test
              ? test.leftOut.length > 0
                ? `Left out of the decision: ${test.leftOut.join(', ')}.`
                : 'What the policy is asked with.'
              : 'What is left out is unknown. Never put a secret here: everybody who sees the policy sees its tests.'
          }
          classNames={{ input: 'sp-mono' }}
          autosize
          minRows={12}
          spellCheck={false}
          readOnly={Boolean(test)}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </Form>
    </SideDrawer>
  )
}
