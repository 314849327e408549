import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { bindingClaims, type IssuerKind } from '../../../contract/trust.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { missingReason } from '../../parts/impact-words.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'
import { draftOfTerms, idKnown, missingOf, termsGiven, type RuleDraft } from './rule-draft.ts'

const RuleFields = lazy(() => import('./RuleFields.tsx').then((m) => ({ default: m.RuleFields })))

const Impact = lazy(() => import('../../parts/Impact.tsx').then((m) => ({ default: m.Impact })))
const ReasonForOpening = lazy(() =>
  import('../../parts/Impact.tsx').then((m) => ({ default: m.ReasonForOpening })),
)

export const handle = { crumb: 'New rule' }

/** The claim that survives a rename, with the project's own id where it is known. */
function blankFor(
  kind: IssuerKind,
  project?: { name: string; externalId: string | null },
): RuleDraft {
  const [claim = ''] = bindingClaims(kind)
  return {
    name: project?.name ?? '',
    conditions: [{ claim, op: 'eq', values: project?.externalId ? [project.externalId] : [] }],
    allowForks: false,
    allowSshReruns: false,
    runnerClass: null,
  }
}

export function Component() {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const terms = termsGiven(useLocation().state)
  const [issuerId, setIssuerId] = useState(params.get('issuerId') ?? '')
  const [projectId, setProjectId] = useState(params.get('projectId') ?? '')
  const issuers = useQuery(query('issuers.list', { limit: 200 })).data?.items ?? []
  const issuer = issuers.find(({ id }) => id === issuerId)
  const { data: project, isLoading: projectComes } = useQuery({
    ...query('projects.view', { projectId }),
    enabled: projectId !== '',
  })
  // Until something is typed, the form follows what is chosen above.
  const [typed, setTyped] = useState<RuleDraft | undefined>(
    terms && { name: '', runnerClass: null, ...draftOfTerms(terms) },
  )
  const draft = typed ?? blankFor(issuer?.kind ?? 'other', project)
  const { conditions, allowForks, allowSshReruns } = draft
  const missing = issuer && projectId !== '' ? missingOf(issuer.kind, draft) : 'more'
  const wanted = { issuerId, projectId, conditions, allowForks, allowSshReruns }
  const settled = useSettled(wanted, 300)
  const impact = useQuery({
    ...query('trustRules.impactOfNew', settled),
    enabled: missing === undefined,
  })
  const [reason, setReason] = useState('')
  const create = useChange('trustRules.create')
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      {
        input: {
          issuerId,
          projectId,
          ...draft,
          name: draft.name.trim(),
          ...(reason.trim() && { reason: reason.trim() }),
        },
      },
      {
        onSuccess: (made) => {
          toast(`Rule ${made.name} is added: tokens that it admits are ${made.project.name}’s.`)
          void navigate(paths.trustRule(made.id))
        },
      },
    )
  return (
    <Page title="New trust rule">
      <Form
        submit="Add trust rule"
        onSubmit={save}
        onCancel={() => void navigate(paths.trustRules())}
        busy={create.isPending}
        errors={errors}
        blocked={
          !issuer
            ? 'Choose an issuer.'
            : projectId === ''
              ? 'Choose a project.'
              : (missingOf(issuer.kind, draft) ?? missingReason(impact.data, reason))
        }
        impact={
          project && (
            <>
              <p>
                Runs that it admits are told to be {project.name}’s from then on, and may ask for
                every context that admits {project.name}.
              </p>
              {missing === undefined && (
                <Suspense>
                  <Impact impact={impact.data} error={impact.error} what="uses" />
                  <ReasonForOpening
                    refused={create.error}
                    impact={impact.data}
                    value={reason}
                    onChange={setReason}
                  />
                </Suspense>
              )}
            </>
          )
        }
      >
        <Select
          {...field('issuerId', errors)}
          label="Issuer"
          searchable
          data={issuers.map(({ id, name }) => ({ value: id, label: name }))}
          value={issuerId || null}
          onChange={(next) => setIssuerId(next ?? '')}
        />
        <PickOne
          {...field('projectId', errors)}
          kind="project"
          label="Project"
          value={projectId || null}
          onChange={(next) => setProjectId(next ?? '')}
        />
        {/* What the project fills in stands there before anybody types beside it. */}
        {issuer && projectComes && !typed && <Skeletons lines={8} />}
        {issuer && (!projectComes || typed) && (
          <Suspense fallback={<Skeletons lines={8} />}>
            <RuleFields
              issuer={issuer}
              draft={draft}
              known={idKnown(issuer.kind, project)}
              onChange={(part) => setTyped({ ...draft, ...part })}
              errors={errors}
            />
          </Suspense>
        )}
      </Form>
    </Page>
  )
}
