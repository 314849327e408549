import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { pathSaid, recommendationOf, recommended } from '../../../contract/review-words.ts'
import type { ReviewLine } from '../../../contract/reviews.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { RoleLink } from '../../parts/RoleLink.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { answerSaid } from './review-words.ts'
import classes from './reviews.module.css'

interface Props {
  readonly line: ReviewLine
  readonly onSay: (said: 'keep' | 'revoke' | 'undo', justification?: string) => void
  readonly onDelegate: () => void
}

/** Everything that an answer to the line needs, and the answer. */
export function LineDetail({ line, onSay, onDelegate }: Props) {
  const { person, role, scope, risk, peers, drift, revoking, teamUse } = line
  const recommendation = recommendationOf(line)
  const answer = answerSaid(line)
  return (
    <Panel
      title={`${role.name} in ${scope.name}`}
      aside={<Status is={answer.is}>{answer.word}</Status>}
    >
      <div className={classes.detail}>
        {drift && drift !== recommendation.because && <p role="note">{drift}</p>}
        <div>
          <h3>Recommended: {recommended[recommendation.decision].toLowerCase()}</h3>
          <p>{recommendation.because}</p>
        </div>
        <Answered line={line} />
        {revoking.length > 0 && (
          <div role="note">
            <h3>If it is revoked</h3>
            {revoking.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </div>
        )}
        {(line.mayDecide || line.mayUndo) && (
          <Answering key={line.id} line={line} onSay={onSay} onDelegate={onDelegate} />
        )}
        <Facts
          of={{
            Person: <PersonLink person={person} />,
            Role: <RoleLink role={role} />,
            Where: scope.id ? (
              <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} />
            ) : (
              scope.name
            ),
            By: pathSaid(line),
            'Last used': <Time at={line.lastUsedAt} />,
            Used: count(line.uses, 'time'),
            ...(teamUse && {
              'By the whole team': (
                <span>
                  {count(teamUse.uses, 'time')}, last <Time at={teamUse.lastUsedAt} />
                </span>
              ),
            }),
            Ends: <Time at={line.expiresAt} never="no end" />,
            'Granted by': line.grantedBy || 'the settings',
            Granted: <Time at={line.grantedAt} />,
            Reviewers: line.reviewers.map(({ name }) => name).join(', ') || 'nobody',
          }}
        />
        {line.reason && (
          <div>
            <h3>Why it was granted</h3>
            <p>{line.reason}</p>
          </div>
        )}
        <div>
          <h3>
            Risk <Status is={risk.level} />
          </h3>
          <ul>
            {risk.because.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
            <li>
              {peers.people === 0
                ? `${person.name} has no peers in a team.`
                : `Of ${count(peers.people, 'peer')} in their teams ${num(peers.hold)} ${peers.hold === 1 ? 'holds' : 'hold'} the role there too.`}
            </li>
          </ul>
        </div>
      </div>
    </Panel>
  )
}

function Answered({ line }: Pick<Props, 'line'>) {
  const { decidedBy, decidedAt, byRule, justification, resultSays } = line
  if (!decidedAt) return null
  return (
    <div>
      <h3>Answer</h3>
      <p>
        {byRule ? justification : `${decidedBy?.name ?? ''}: ${justification || 'no note'}`} (
        <Time at={decidedAt} />)
      </p>
      {resultSays && <p role="note">{resultSays}</p>}
    </div>
  )
}

function Answering({ line, onSay, onDelegate }: Props) {
  const [note, setNote] = useState('')
  const said = note.trim()
  return (
    <div className={classes.answer}>
      <Textarea
        label="Note"
        description="Optional: goes with the answer."
        rows={2}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div className={classes.acts}>
        <Button aria-keyshortcuts="a" onClick={() => onSay('keep', said)}>
          Keep <kbd>a</kbd>
        </Button>
        <Button color="red" aria-keyshortcuts="r" onClick={() => onSay('revoke', said)}>
          Revoke <kbd>r</kbd>
        </Button>
        {line.mayUndo ? (
          <Button variant="subtle" aria-keyshortcuts="u" onClick={() => onSay('undo')}>
            Undo <kbd>u</kbd>
          </Button>
        ) : (
          <Button variant="subtle" aria-keyshortcuts="d" onClick={onDelegate}>
            Delegate <kbd>d</kbd>
          </Button>
        )}
      </div>
    </div>
  )
}
