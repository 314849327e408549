import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Link, useLocation, useSearchParams } from 'react-router'
import { impactDays } from '../../../contract/impact.ts'
import { risksOf, without, type KnownClaims } from '../../../contract/trust.ts'
import type { TrustRule } from '../../../contract/trust-rules.ts'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { missingReason } from '../../parts/impact-words.ts'
import { useDraft } from '../../parts/use-draft.ts'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'
import { draftOfTerms, idKnown, missingOf, termsGiven, type RuleDraft } from './rule-draft.ts'
import { RuleFields } from './RuleFields.tsx'

const Impact = lazy(() => import('../../parts/Impact.tsx').then((m) => ({ default: m.Impact })))
const ReasonForOpening = lazy(() =>
  import('../../parts/Impact.tsx').then((m) => ({ default: m.ReasonForOpening })),
)

const termsOf = ({ conditions, allowForks, allowSshReruns }: RuleDraft) => ({
  conditions,
  allowForks,
  allowSshReruns,
})

const draftOf = (rule: TrustRule): RuleDraft => ({
  name: rule.name,
  runnerClass: rule.runnerClass,
  ...draftOfTerms(rule),
})

/** Changes which tokens a rule takes for its project’s, with what that would have done to the runs of late. */
export function EditTrustRule({ rule }: { readonly rule: TrustRule }) {
  const terms = termsGiven(useLocation().state)
  const { draft, touched, version, set, follow } = useDraft(rule, draftOf)
  // The token debugger hands over the rule as it would be safer: shown as typed, and saved by hand alone.
  useAskedOfPage(terms, true, (given) => set(draftOfTerms(given)))
  const { kind, audience } = rule.issuer
  const seen = useQuery(query('trustRules.seen', { trustRuleId: rule.id }))
  const known = {
    ...Object.fromEntries(seen.data?.claims.map(({ claim, values }) => [claim, values]) ?? []),
    ...idKnown(kind, rule.project),
  }
  const [params] = useSearchParams()
  // A finding's fix leads here with the risk that the rule is to have no longer: written as the button below would.
  const risk = params.get('without')
  const rewrites = useAskedOfPage(risk, !seen.isPending, (asked) =>
    set(draftOfTerms(without(asked, kind, rule, audience, known))),
  )
  const [reason, setReason] = useState('')
  const settled = useSettled(termsOf(draft), 300)
  const mended = missingOf(rule.issuer.kind, draft) === undefined
  const impact = useQuery({
    ...query('trustRules.impact', { trustRuleId: rule.id, ...settled }),
    enabled: touched && mended && rule.allowed.includes('trustRule:update'),
  })
  const change = useChange('trustRules.update')
  const errors = errorsButRace(change.error)
  const save = (at: number) =>
    change.mutate(
      {
        input: {
          trustRuleId: rule.id,
          ...draft,
          name: draft.name.trim(),
          ...(reason.trim() && { reason: reason.trim() }),
        },
        version: at,
      },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`Rule ${saved.name} is saved.`)
        },
      },
    )
  return (
    <>
      <Form
        submit="Save trust rule"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          rule.allowed.includes('trustRule:update')
            ? touched
              ? (missingOf(rule.issuer.kind, draft) ?? missingReason(impact.data, reason))
              : 'Nothing is changed.'
            : 'You need the permission trustRule:update here.'
        }
        impact={
          touched && (
            <>
              <p>It counts for the next token that is shown.</p>
              {mended && (
                <Suspense>
                  <Impact impact={impact.data} error={impact.error} what="uses" />
                  <ReasonForOpening
                    refused={change.error}
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
        {risk !== null && !rewrites && (
          <Unwritten rule={rule} draft={draft} known={known} risk={risk} />
        )}
        {rewrites ? (
          <Skeletons lines={8} />
        ) : (
          <RuleFields
            issuer={rule.issuer}
            draft={draft}
            known={known}
            onChange={set}
            errors={errors}
          />
        )}
      </Form>
      <LostRace change={change} mine={draft} told={draftOf} save={save} follow={follow} />
    </>
  )
}

interface Unwritten {
  readonly rule: TrustRule
  readonly draft: RuleDraft
  readonly known: KnownClaims
  readonly risk: string
}

/** What a fix could not fill in, and who knows it. */
function Unwritten({ rule: { issuer }, draft, known, risk }: Unwritten) {
  const left = risksOf(issuer.kind, draft, issuer.audience, known).some(
    ({ id, safer }) => id === risk && !safer,
  )
  if (!left) return null
  return (
    <p role="note">
      Nothing on record says how to write it without {risk === 'name' ? 'a name' : 'a pattern'}: the
      runs that it admitted in {impactDays} days say nothing, or too much. Show a token of the
      project to the <Link to={paths.tokenDebugger()}>token debugger</Link>, or write it by hand.
    </p>
  )
}
