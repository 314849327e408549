import { useState } from 'react'
import { unanswered } from '../../../contract/review-words.ts'
import type { ReviewDetail } from '../../../contract/reviews.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'

/** Ends the answering: says what will end, and in whose name, before it does. */
export function SignOff({ review }: { readonly review: ReviewDetail }) {
  const { id, version, lines, answered, revoked, wouldStay, withoutAnswer } = review
  const { maySignOff, whyNotYet } = review
  const [asking, setAsking] = useState(false)
  const signOff = useChange('reviews.signOff')
  const open = lines - answered
  return (
    <>
      <AllowedAction
        primary
        allowed={maySignOff || whyNotYet ? ['review:run'] : []}
        may="review:run"
        blocked={whyNotYet}
        onClick={() => setAsking(true)}
      >
        Sign off review
      </AllowedAction>
      <ConfirmDanger
        opened={asking}
        title={`Sign off ${review.name}`}
        verb="Sign off and carry out"
        busy={signOff.isPending}
        errors={formErrors(signOff.error)}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          signOff.mutate(
            { input: { reviewId: id }, version },
            {
              onSuccess: () => {
                setAsking(false)
                toast('It is signed off. What is to go is being ended.')
              },
            },
          )
        }
      >
        <p>
          {count(revoked, 'line')} of {count(lines, 'line')} {revoked === 1 ? 'is' : 'are'} to go:
          their grants end in your name, one after the other.
        </p>
        {wouldStay > 0 && (
          <p>
            Of {wouldStay === 1 ? 'them 1 stays' : `them ${wouldStay} stay`}: a team holds it, and
            others in the team are to keep it.
          </p>
        )}
        {open > 0 && (
          <p>
            {count(open, 'line')} nobody answered in time: {unanswered[withoutAnswer]}.
          </p>
        )}
        <p>From then on no answer can be changed, and what came of each is kept as evidence.</p>
      </ConfirmDanger>
    </>
  )
}
