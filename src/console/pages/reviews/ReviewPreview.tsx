import { useQuery } from '@tanstack/react-query'
import type { CallOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import classes from './reviews.module.css'

/** How many lines there would be, and who would review them. */
export function ReviewPreview({ asked }: { readonly asked: CallOf<'reviews.preview'> }) {
  const { data, error } = useQuery({
    ...query('reviews.preview', asked),
    placeholderData: (before) => before,
    retry: false,
  })
  return (
    <Panel title="What would be reviewed">
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
    </Panel>
  )
}
