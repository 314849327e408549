import { Select, Textarea } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useNavigate } from 'react-router'
import type { Named } from '../../../contract/id.ts'
import {
  policyTemplates,
  type PolicyTemplate,
  type PolicyTemplateName,
} from '../../../contract/policy-template-words.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'
import classes from './PolicyFields.module.css'

/** Fetched when a template asks for projects. */
const PickSeveral = lazy(() =>
  import('../../parts/PickSeveral.tsx').then((module) => ({ default: module.PickSeveral })),
)
const PolicyEditor = lazy(() =>
  import('./PolicyEditor.tsx').then((module) => ({ default: module.PolicyEditor })),
)

export const handle = { crumb: 'From a template' }

interface Draft {
  readonly template: PolicyTemplateName
  readonly projects: readonly Named[]
  readonly contexts: string
  readonly branches: string
  readonly orbs: string
  readonly classes: string
  readonly level: 'hard' | 'soft'
}
const blank: Draft = {
  template: 'contexts_reserved_by_projects',
  projects: [],
  contexts: '',
  branches: '',
  orbs: '',
  classes: '',
  level: 'hard',
}
const restMs = 300

const names = (text: string) =>
  [...new Set(text.split('\n').map((name) => name.trim()))].filter(Boolean)

/** What the template is given; nothing while something is missing. */
function givenOf({ template, level, ...draft }: Draft): PolicyTemplate | undefined {
  const projects = draft.projects.map(({ id }) => id)
  const [contexts, branches, orbs] = [
    names(draft.contexts),
    names(draft.branches),
    names(draft.orbs),
  ]
  const some = (...lists: readonly (readonly string[])[]) => lists.every(({ length }) => length > 0)
  switch (template) {
    case 'contexts_allowed':
    case 'contexts_blocked':
    case 'contexts_reserved_by_projects':
      return some(projects, contexts) ? { template, level, projects, contexts } : undefined
    case 'contexts_reserved_by_branches':
      return some(branches, contexts) ? { template, level, branches, contexts } : undefined
    case 'orbs_allowed':
    case 'orbs_banned':
    case 'orb_versions_banned':
      return some(orbs) ? { template, level, orbs } : undefined
    case 'resource_classes_by_project': {
      const listed = names(draft.classes).map((name) => ({ name, projects }))
      return some(
        projects,
        listed.map(({ name }) => name),
      )
        ? { template, level, classes: listed }
        : undefined
    }
  }
}

/** Which fields a template has. */
const fields: Readonly<
  Record<PolicyTemplateName, readonly ('projects' | 'contexts' | 'branches' | 'orbs' | 'classes')[]>
> = {
  contexts_allowed: ['projects', 'contexts'],
  contexts_blocked: ['projects', 'contexts'],
  contexts_reserved_by_projects: ['projects', 'contexts'],
  contexts_reserved_by_branches: ['branches', 'contexts'],
  orbs_allowed: ['orbs'],
  orbs_banned: ['orbs'],
  orb_versions_banned: ['orbs'],
  resource_classes_by_project: ['classes', 'projects'],
}
const labels = {
  contexts: ['Contexts', 'One a line.'],
  branches: ['Branches', 'One a line, by their names.'],
  orbs: ['Orbs', 'One a line: owner/name, or owner/name@version to ban a version.'],
  classes: ['Resource classes', 'One a line.'],
} as const

export function Component() {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(blank)
  const set = (more: Partial<Draft>) => setDraft({ ...draft, ...more })
  const given = useSettled(givenOf(draft), restMs)
  const made = useQuery({
    ...query('policies.template', { of: given as PolicyTemplate }),
    enabled: given !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const create = useChange('policies.create')
  const template = policyTemplates[draft.template]
  const ready = given && made.data && !made.error
  const save = () => {
    if (!ready) return
    create.mutate(
      { input: made.data },
      {
        onSuccess: ({ id, name }) => {
          toast(`Policy ${name} is a draft. Put it into evaluate mode to see what it would fail.`)
          void navigate(paths.policy(id))
        },
      },
    )
  }
  return (
    <Page
      title="Policy from a template"
      purpose="The rules that CircleCI’s policy agent offers as helpers, with the same decisions. Each becomes a draft of your own."
    >
      <Form
        submit="Create draft"
        wide
        onSubmit={save}
        onCancel={() => void navigate(paths.policyLibrary())}
        busy={create.isPending}
        errors={formErrors(create.error)}
        blocked={ready ? undefined : 'Fill in every list.'}
        impact={<p>A draft decides nothing. You try it in evaluate mode next.</p>}
      >
        <div className={classes.fields}>
          <Select
            label="Rule"
            description={`${template.explanation} CircleCI calls it ${template.helper}.`}
            allowDeselect={false}
            data={Object.entries(policyTemplates).map(([value, { name }]) => ({
              value,
              label: name,
            }))}
            value={draft.template}
            onChange={(next) => set({ template: (next ?? draft.template) as PolicyTemplateName })}
          />
          {fields[draft.template].map((field) =>
            field === 'projects' ? (
              <Suspense key={field} fallback={<Skeletons lines={2} />}>
                <PickSeveral
                  kind="project"
                  label="Projects"
                  description="By their ids, so that a renamed project keeps its place."
                  value={draft.projects}
                  onChange={(next) => set({ projects: next })}
                />
              </Suspense>
            ) : (
              <Textarea
                key={field}
                label={labels[field][0]}
                description={labels[field][1]}
                autosize
                minRows={2}
                classNames={{ input: 'sp-mono' }}
                value={draft[field]}
                onChange={(event) => set({ [field]: event.currentTarget.value })}
              />
            ),
          )}
          <Select
            label="When it is broken"
            allowDeselect={false}
            data={[
              { value: 'hard', label: 'Blocks' },
              { value: 'soft', label: 'Warns only' },
            ]}
            value={draft.level}
            onChange={(next) => set({ level: next === 'soft' ? 'soft' : 'hard' })}
          />
        </div>
        <ProblemNotice error={given && made.error} />
        {made.data && (
          <Suspense fallback={<Skeletons lines={12} />}>
            <PolicyEditor value={made.data.text} />
          </Suspense>
        )}
      </Form>
    </Page>
  )
}
