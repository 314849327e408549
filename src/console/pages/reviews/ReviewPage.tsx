import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { scopeSaid, unanswered } from '../../../contract/review-words.ts'
import type { ReviewDetail } from '../../../contract/reviews.ts'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Facts } from '../../ui/Facts.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { CancelReview } from './CancelReview.tsx'
import { driftSaid, signerSaid, stateSaid } from './review-words.ts'
import classes from './reviews.module.css'
import { ReviewExport } from './ReviewExport.tsx'
import { ReviewLines } from './ReviewLines.tsx'
import { SignOff } from './SignOff.tsx'
import { reviewHandle, reviewLoader, useReview } from './use-review.ts'

export const loader = reviewLoader
export const handle = reviewHandle

export function Component() {
  const { reviewId = '' } = useParams()
  const { data: review, error } = useReview(reviewId)
  const [{ mine, answer }] = useQueryState('reviews.lines')
  if (!review) {
    return (
      <Page title="Access review">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { is, word } = stateSaid(review)
  return (
    <Page
      title={review.name}
      aside={<Status is={is}>{word}</Status>}
      action={
        <>
          <ReviewExport review={review} shown={{ mine, answer }} />
          <Button component={Link} to={paths.review(reviewId, 'evidence')}>
            Evidence
          </Button>
          {review.mayCancel && <CancelReview review={review} />}
          {review.state === 'running' && (review.maySignOff || review.whyNotYet) && (
            <SignOff review={review} />
          )}
        </>
      }
      facts={<Known review={review} />}
      fill
    >
      <ReviewLines reviewId={reviewId} />
    </Page>
  )
}

function Known({ review }: { readonly review: ReviewDetail }) {
  const { state, lines, answered, mine, results } = review
  const done = results.applied + results.over + results.failed
  const running = state === 'running'
  const signed = state === 'applying' || state === 'closed'
  return (
    <Facts
      of={{
        Reviewed: scopeSaid(review),
        Answered: (
          <div className={classes.bar}>
            <Progress label="Answered" done={answered} total={lines} />
          </div>
        ),
        ...(running && mine > 0 && { 'Wait for you': num(mine) }),
        ...(running && {
          Due: <Time at={review.dueAt} />,
          'Without an answer': unanswered[review.withoutAnswer],
        }),
        ...(state === 'applying' && {
          'Carried out': (
            <div className={classes.bar}>
              <Progress label="Carried out" done={done} total={done + results.waiting} />
            </div>
          ),
        }),
        ...(state === 'cancelled' && {
          Cancelled: (
            <>
              <Time at={review.cancelledAt} /> by <PersonLink person={review.cancelledBy} />
            </>
          ),
          Reason: review.cancelReason,
        }),
        ...(signed && {
          Ended: count(results.applied, 'line'),
          ...(results.over > 0 && { 'Was over': count(results.over, 'line') }),
          ...(results.failed > 0 && { 'Not ended': count(results.failed, 'line') }),
          'Signed off by': review.signedBy ? (
            <PersonLink person={review.signedBy} />
          ) : (
            signerSaid(review)
          ),
        }),
        ...(running && review.whole && { 'Changed since': <Drift review={review} /> }),
        Started: (
          <>
            <Time at={review.startedAt} /> by <PersonLink person={review.startedBy} />
          </>
        ),
        ...(state !== 'cancelled' &&
          review.everyDays && { Again: `every ${review.everyDays} days` }),
      }}
    />
  )
}

/** What became of the access meanwhile: the frozen lines stay as they are. */
function Drift({ review }: { readonly review: ReviewDetail }) {
  const { data } = useQuery(query('reviews.drift', { reviewId: review.id }))
  if (!data) return <span className="sp-dim">…</span>
  if (data.gone + data.added + data.left === 0) return 'nothing'
  return <Link to={paths.review(review.id, 'evidence')}>{driftSaid(data)}</Link>
}
