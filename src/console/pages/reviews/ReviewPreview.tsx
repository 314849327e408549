import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import classes from './reviews.module.css'
import { nobodySaid, type Previewed } from './use-preview.ts'

interface Props {
  /** Nothing is asked as long as something is missing. */
  readonly asked: boolean
  readonly data: Previewed | undefined
  readonly error: Error | null
}

/** How many lines there would be, and who would review them. */
export function ReviewPreview({ asked, ...counted }: Props) {
  return (
    <Panel title="What would be reviewed">
      {asked ? <Counted {...counted} /> : <p>Choose what is reviewed, and by whom.</p>}
    </Panel>
  )
}

function Counted({ data, error }: Omit<Props, 'asked'>) {
  const nobody = data && nobodySaid(data)
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
          {data.beyond > 0 && (
            <p>
              {count(data.beyond, 'line')} {data.beyond === 1 ? 'is' : 'are'} granted around it, by
              a role that may use or change what lies there: a revoke ends{' '}
              {data.beyond === 1 ? 'it' : 'those'} wherever they hold.
            </p>
          )}
          {nobody && <p role="note">{nobody}</p>}
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
