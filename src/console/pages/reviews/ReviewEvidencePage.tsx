import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Link, useParams } from 'react-router'
import {
  pathSaid,
  recommendationOf,
  recommended,
  reviewersSaid,
  scopeSaid,
  unanswered,
} from '../../../contract/review-words.ts'
import type { ReviewDetail, ReviewLine } from '../../../contract/reviews.ts'
import { pages, query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { num, utc } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Diligence } from './Diligence.tsx'
import { answerSaid, driftSaid, signerSaid, stateSaid } from './review-words.ts'
import classes from './reviews.module.css'
import { ReviewExport } from './ReviewExport.tsx'
import { reviewHandle, reviewLoader, useReview } from './use-review.ts'

export const loader = reviewLoader
export const handle = reviewHandle

/** Everything about a review on one page, to be read, printed and kept. */
export function Component() {
  const { reviewId = '' } = useParams()
  const { data: review, error } = useReview(reviewId)
  if (!review) {
    return (
      <Page title="Evidence">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { is, word } = stateSaid(review)
  return (
    <div className={classes.evidence}>
      <Page
        title={`Evidence of ${review.name}`}
        aside={<Status is={is}>{word}</Status>}
        action={
          <>
            <Button component={Link} to={paths.review(reviewId)}>
              Open lines
            </Button>
            <ReviewExport review={review} />
            <Button variant="filled" onClick={() => window.print()}>
              Print
            </Button>
          </>
        }
        facts={<Said review={review} />}
      >
        <Panel title="Fingerprints">
          <Facts
            of={{
              'Lines at the start': <Root hex={review.root} />,
              'Lines, answers and results': review.finalRoot ? (
                <Root hex={review.finalRoot} />
              ) : review.state === 'cancelled' ? (
                'none: it was cancelled'
              ) : (
                'once it is closed'
              ),
            }}
          />
          <p className="sp-dim">
            Merkle roots (RFC 6962) over the lines as RFC 8785 writes them. The events of its start
            and of its end in the audit trail name them, so that no line is changed, added or left
            out unseen. The evidence pack of a closed review has the lines and the proof of its end:
            anybody <Link to={paths.verifyEvidence()}>verifies it</Link> without this server.
          </p>
        </Panel>
        {review.state === 'running' && review.whole && <Drift reviewId={reviewId} />}
        {review.lines > 0 && review.whole && <Diligence reviewId={reviewId} />}
        <Lines review={review} />
      </Page>
    </div>
  )
}

const Root = ({ hex }: { readonly hex: string }) => <code className={classes.root}>{hex}</code>

const moment = (at: string | undefined) => (at ? utc(new Date(at)) : '–')

function Said({ review }: { readonly review: ReviewDetail }) {
  const { results, state } = review
  return (
    <Facts
      of={{
        Reviewed: scopeSaid(review),
        Reviewers: reviewersSaid[review.reviewers],
        Started: `${moment(review.startedAt)} by ${review.startedBy.name}`,
        Due: moment(review.dueAt),
        'Without an answer': unanswered[review.withoutAnswer],
        Answered: `${num(review.answered)} of ${num(review.lines)}`,
        ...(state === 'cancelled' && {
          Cancelled: `${moment(review.cancelledAt)} by ${review.cancelledBy?.name ?? 'nobody'}: ${review.cancelReason ?? ''}`,
        }),
        ...((state === 'applying' || state === 'closed') && {
          'Signed off': `${moment(review.signedAt)} by ${signerSaid(review)}`,
          Ended: num(results.applied),
          'Was over': num(results.over),
          'Not ended': num(results.failed),
        }),
        ...(review.closedAt && { Closed: moment(review.closedAt) }),
      }}
    />
  )
}

function Drift({ reviewId }: { readonly reviewId: string }) {
  const { data, error } = useQuery(query('reviews.drift', { reviewId }))
  return (
    <Panel title="Changed since the start">
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={2} />}
      {data && (
        <div className={classes.tried}>
          <p>
            {data.gone + data.added + data.left === 0
              ? 'Nothing. The access is as it was when the lines were frozen.'
              : `Meanwhile: ${driftSaid(data)}. The frozen lines stay as they are.`}
          </p>
          {data.examples.length > 0 && (
            <ul>
              {data.examples.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Panel>
  )
}

const heads = [
  'Person',
  'Role',
  'Where',
  'By',
  'Last used',
  'Recommended',
  'Answer',
  'Reviewer',
  'Note',
]

function Person({ person, first }: Pick<ReviewLine, 'person'> & { readonly first: boolean }) {
  if (!first) return <span className="sp-dim">{person.name}</span>
  return (
    <span className={classes.person}>
      <strong>{person.name}</strong>
      <span className="sp-dim">{person.email}</span>
    </span>
  )
}

const Words = ({ text }: { readonly text: string }) => <span className={classes.words}>{text}</span>

const lineRow = (line: ReviewLine, first: boolean) => {
  const { is, word } = answerSaid(line)
  const recommendation = recommendationOf(line)
  return {
    key: line.id,
    cells: {
      Person: <Person person={line.person} first={first} />,
      Role: <Words text={line.role.name} />,
      Where: <Words text={line.scope.name} />,
      By: <Words text={pathSaid(line)} />,
      'Last used': <span className={classes.date}>{line.lastUsedAt?.slice(0, 10) ?? 'never'}</span>,
      Recommended: `${recommended[recommendation.decision]}: ${recommendation.because}`,
      Answer: <Status is={is}>{word}</Status>,
      Reviewer: <Words text={line.byRule ? 'by rule' : (line.decidedBy?.name ?? '–')} />,
      Note: [line.justification, line.resultSays].filter(Boolean).join(' ') || '–',
    },
  }
}

function Lines({ review }: { readonly review: ReviewDetail }) {
  const list = useInfiniteQuery(pages('reviews.lines', { reviewId: review.id, limit: 200 }))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const lines = list.data?.pages.flatMap(({ items }) => items)
  const rows = (lines ?? []).map((line, at) =>
    lineRow(line, lines?.[at - 1]?.person.id !== line.person.id),
  )
  return (
    <Panel
      title="Lines by person"
      aside={
        hasNextPage && (
          <Progress label="Lines read" done={lines?.length ?? 0} total={review.lines} />
        )
      }
      flush
    >
      <ProblemNotice error={list.error} />
      {lines ? (
        <DataList label="Lines by person" heads={heads} rows={rows} />
      ) : (
        <Skeletons lines={8} />
      )}
    </Panel>
  )
}
