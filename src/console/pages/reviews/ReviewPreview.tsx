import { useQuery } from '@tanstack/react-query'
import type { CallOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import classes from './reviews.module.css'

type Asked = CallOf<'reviews.preview'>

/** How many lines there would be, and who would review them. */
export function ReviewPreview({ asked }: { readonly asked: Asked | undefined }) {
  return (
    <Panel title="What would be reviewed">
      {asked ? <Counted asked={asked} /> : <p>Choose what is reviewed, and by whom.</p>}
    </Panel>
  )
}

function Counted({ asked }: { readonly asked: Asked }) {
  const { data, error } = useQuery({
    ...query('reviews.preview', asked),
    placeholderData: (before) => before,
    retry: false,
  })
  return (
    <>
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={3} />}
      {data && (
        <div className={classes.tried} aria-live="polite">
          <p>
            {data.lines === 0
              ? 'Nothing: no live grant is in this scope.'
              : `${count(data.lines, 'line')} about ${count(data.people, 'person', 'people')}, ${num(data.privileged)} of them privileged. Of ${num(data.toRevoke)} the recommendation is to revoke.`}
          </p>
          {data.nobody.length > 0 && (
            <p role="note">
              Nobody could review what {data.nobody.map(({ name }) => name).join(', ')}{' '}
              {data.nobody.length === 1 ? 'holds' : 'hold'}. Name somebody else as a further
              fallback.
            </p>
          )}
          {data.reviewers.length > 0 && (
            <DataList
              label="Reviewers"
              heads={['Reviewer', 'Lines']}
              numbers={['Lines']}
              rows={data.reviewers.map(({ person, lines }) => ({
                key: person.id,
                cells: {
                  Reviewer: person.name,
                  Lines: <span className="sp-num">{num(lines)}</span>,
                },
              }))}
            />
          )}
        </div>
      )}
    </>
  )
}
