import { ActionIcon, Autocomplete, Button, Select, Textarea, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { bindingClaims, type IssuerKind } from '../../../contract/trust.ts'
import { ciSystems } from '../../parts/ci-systems.ts'
import { conditionOps } from '../../parts/conditions.ts'
import classes from './ConditionFields.module.css'
import type { RuleDraft } from './rule-draft.ts'

type Conditions = RuleDraft['conditions']

interface Props {
  readonly kind: IssuerKind
  readonly conditions: Conditions
  readonly onChange: (conditions: Conditions) => void
  /** Why they do not bind a token to anybody. */
  readonly fault: string | undefined
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** What a token must say, claim by claim; names are suggested as the CI system's tokens have them. */
export function ConditionFields({ kind, conditions, onChange, fault }: Props) {
  const known = ciSystems[kind].claims
  const set = (index: number, part: Partial<Conditions[number]>) =>
    onChange(conditions.map((each, at) => (at === index ? { ...each, ...part } : each)))
  return (
    <fieldset className={classes.conditions}>
      <legend>Admits tokens where all of these hold</legend>
      {conditions.map((condition, index) => {
        const which = `condition ${index + 1}`
        const said = known.find(([name]) => name === condition.claim)?.[1]
        const binds = bindingClaims(kind).includes(condition.claim)
        return (
          // oxlint-disable-next-line react/no-array-index-key -- a condition has no name but its place
          <div key={index} className={classes.row}>
            <div className={classes.claim}>
              <Autocomplete
                aria-label={`Claim of ${which}`}
                placeholder="Claim"
                classNames={{ input: 'sp-mono' }}
                data={known.map(([name]) => name)}
                maxLength={100}
                spellCheck={false}
                value={condition.claim}
                onChange={(claim) => set(index, { claim: claim.trim() })}
              />
            </div>
            <div className={classes.op}>
              <Select
                aria-label={`Comparison of ${which}`}
                data={conditionOps}
                allowDeselect={false}
                value={condition.op}
                onChange={(op) =>
                  op &&
                  set(index, {
                    op,
                    values: op === 'eq' ? condition.values.slice(0, 1) : condition.values,
                  })
                }
              />
            </div>
            <div className={classes.values}>
              {condition.op === 'eq' ? (
                <TextInput
                  aria-label={`Value of ${which}`}
                  placeholder="Value"
                  classNames={{ input: 'sp-mono' }}
                  maxLength={500}
                  spellCheck={false}
                  value={condition.values[0] ?? ''}
                  onChange={({ currentTarget: { value } }) =>
                    set(index, { values: value.trim() === '' ? [] : [value.trim()] })
                  }
                />
              ) : (
                <Lines
                  label={`Values of ${which}, one a line`}
                  placeholder={
                    condition.op === 'glob' ? 'Patterns, one a line' : 'Values, one a line'
                  }
                  values={condition.values}
                  onChange={(values) => set(index, { values })}
                />
              )}
            </div>
            <div className={classes.drop}>
              {conditions.length > 1 ? (
                <ActionIcon
                  size={32}
                  variant="subtle"
                  color="gray"
                  aria-label={`Drop ${which}`}
                  onClick={() => onChange(conditions.filter((_, at) => at !== index))}
                >
                  <IconX size={16} />
                </ActionIcon>
              ) : null}
            </div>
            <span className={`${classes.said} sp-dim`}>
              {said ?? (condition.claim === '' ? '' : 'a claim of your own')}
              {binds && ' · says whose run it is'}
              {condition.op === 'glob' && ' · * within a part, ** across / and :, ? one character'}
            </span>
          </div>
        )
      })}
      <div>
        <Button
          size="compact-sm"
          disabled={conditions.length >= 20}
          onClick={() => onChange([...conditions, { claim: '', op: 'eq', values: [] }])}
        >
          Add condition
        </Button>
      </div>
      <div aria-live="polite">{fault && <p className={classes.fault}>{fault}</p>}</div>
    </fieldset>
  )
}

interface LinesProps {
  readonly label: string
  readonly placeholder: string
  readonly values: readonly string[]
  readonly onChange: (values: string[]) => void
}

/** Keeps a line that is just begun, and follows when the values are changed from outside. */
function Lines({ label, placeholder, values, onChange }: LinesProps) {
  const [typed, setTyped] = useState(values.join('\n'))
  if (linesOf(typed).join('\n') !== values.join('\n')) setTyped(values.join('\n'))
  return (
    <Textarea
      aria-label={label}
      placeholder={placeholder}
      classNames={{ input: 'sp-mono' }}
      autosize
      minRows={1}
      spellCheck={false}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        onChange(linesOf(event.currentTarget.value))
      }}
    />
  )
}
