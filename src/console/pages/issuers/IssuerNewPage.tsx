import { lazy, Suspense, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { issuerAlgorithms, risksOf } from '../../../contract/trust.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { toast } from '../../ui/toasts.ts'
import { draftFor, missingOf, type IssuerDraft } from './issuer-draft.ts'
import { IssuerAddress } from './IssuerAddress.tsx'
import type { Probed } from './Probe.tsx'

const IssuerFields = lazy(() =>
  import('./IssuerFields.tsx').then((module) => ({ default: module.IssuerFields })),
)
const Probe = lazy(() => import('./Probe.tsx').then((module) => ({ default: module.Probe })))

export const handle = { crumb: 'New' }

/** The token debugger hands over the `iss` that nobody trusts yet. */
function givenUrl(state: unknown): string | undefined {
  const url: unknown = typeof state === 'object' && state !== null && Reflect.get(state, 'url')
  return typeof url === 'string' ? url : undefined
}

export function Component() {
  const navigate = useNavigate()
  const url = givenUrl(useLocation().state)
  const { origin } = window.location
  const [draft, setDraft] = useState<IssuerDraft>(() =>
    url === undefined ? draftFor('circleci', origin) : { ...draftFor('other', origin), url },
  )
  const create = useChange('issuers.create')
  const errors = formErrors(create.error)
  const set = (part: Partial<IssuerDraft>) => setDraft((before) => ({ ...before, ...part }))
  const weak = risksOf(draft.kind, noRule, draft.audience).find(({ id }) => id === 'audience')
  // What the issuer says that it signs with is chosen, as far as it is taken here.
  const take = ({ algorithms }: Probed) => {
    const known = issuerAlgorithms.filter((name) => algorithms.includes(name))
    if (known.length > 0) set({ algorithms: known })
  }
  const save = () =>
    create.mutate(
      { input: { ...draft, name: draft.name.trim() } },
      {
        onSuccess: (made) => {
          toast(`${made.name} is trusted. Its tokens are nobody’s until a rule says whose.`)
          void navigate(paths.issuer(made.id))
        },
      },
    )
  return (
    <Page
      title="Trust an issuer"
      purpose="From then on its tokens are verified here. Whose run a token is, trust rules say."
    >
      <Form
        submit="Trust issuer"
        onSubmit={save}
        onCancel={() => void navigate(paths.issuers())}
        busy={create.isPending}
        errors={errors}
        blocked={missingOf(draft)}
        impact={<p>No run is admitted by it yet: a rule must bind its tokens to a project.</p>}
      >
        <IssuerAddress
          kind={draft.kind}
          url={draft.url}
          errors={errors}
          // An address that a token brought along is its own, whatever CI system it is.
          onKind={(kind) =>
            setDraft({ ...draftFor(kind, origin), ...(url !== undefined && { url }) })
          }
          onUrl={(next) => set({ url: next })}
        />
        <Suspense>
          <Probe key={draft.url} url={draft.url} onProbed={take} />
          <IssuerFields draft={draft} onChange={set} errors={errors} />
        </Suspense>
        {weak && draft.audience !== '' && (
          <p>
            <Status is={weak.severity} /> {weak.says}
          </p>
        )}
      </Form>
    </Page>
  )
}

const noRule = { conditions: [], allowForks: false, allowSshReruns: false }
