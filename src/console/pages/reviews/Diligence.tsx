import { useQuery } from '@tanstack/react-query'
import { tookSaid } from '../../../contract/review-words.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import classes from './reviews.module.css'

const heads = [
  'Reviewer',
  'Lines',
  'One took',
  'Several at once',
  'Revoked',
  'Not as recommended',
  'With a note',
  'When',
]
const numbers = heads.slice(1, -1)

/** The day, or the days between which it was done. */
function Days({ first, last }: { readonly first: string; readonly last: string }) {
  const [from, to] = [first.slice(0, 10), last.slice(0, 10)]
  return (
    <>
      <span className={classes.date}>{from}</span>
      {to !== from && (
        <>
          {' to '}
          <span className={classes.date}>{to}</span>
        </>
      )}
    </>
  )
}

/** How the review was done: whether lines were looked at one by one, or waved through, is evidence as well. */
export function Diligence({ reviewId }: { readonly reviewId: string }) {
  const { data, error } = useQuery(query('reviews.diligence', { reviewId }))
  const rows = data?.reviewers.map(({ reviewer, ...work }) => ({
    key: reviewer.id,
    cells: {
      Reviewer: <span className={classes.words}>{reviewer.name}</span>,
      Lines: num(work.lines),
      'One took': tookSaid(work.medianSeconds),
      'Several at once': num(work.atOnce),
      Revoked: num(work.revoked),
      'Not as recommended': num(work.against),
      'With a note': num(work.justified),
      When: <Days first={work.firstAt} last={work.lastAt} />,
    },
  }))
  return (
    <Panel title="How it was reviewed" flush>
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={3} />}
      {rows && rows.length > 0 && (
        <DataList label="How it was reviewed" heads={heads} numbers={numbers} rows={rows} />
      )}
      {data && (
        <p className={`sp-dim ${classes.said}`}>
          {data.reviewers.length === 0 && 'Nobody has answered a line. '}
          {data.byRule > 0 &&
            `${count(data.byRule, 'line was', 'lines were')} answered by rule, since nobody did in time. `}
          {data.reviewers.length > 0 &&
            'What one took is the median from one answer to the next, of those given one by one; pauses of more than ten minutes are left out. Several at once share one justification.'}
        </p>
      )}
    </Panel>
  )
}
