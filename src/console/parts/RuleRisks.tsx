import { Button } from '@mantine/core'
import {
  risksOf,
  type IssuerKind,
  type KnownClaims,
  type TrustRuleTerms,
} from '../../contract/trust.ts'
import { Status } from '../ui/Status.tsx'
import { Told } from '../ui/Told.tsx'
import { conditionText } from './conditions.ts'
import classes from './RuleRisks.module.css'

interface Props {
  readonly kind: IssuerKind
  readonly audience: string
  readonly rule: TrustRuleTerms
  /** By which the safer rewrite is known more often. */
  readonly known: KnownClaims
  /** The verb and object of the button, and what it does with the safer rule. */
  readonly verb: string
  readonly onSafer: ((safer: TrustRuleTerms) => void) | undefined
}

/** What an attacker could make of a rule, each with the same rule without that risk, one click away. */
export function RuleRisks({ kind, audience, rule, known, verb, onSafer }: Props) {
  const risks = risksOf(kind, rule, audience, known)
  if (risks.length === 0) {
    return (
      <p>
        <Status is="good">No known risk</Status>
      </p>
    )
  }
  return (
    <ul className={classes.risks} aria-label="Risks of the rule">
      {risks.map((risk) => (
        <li key={risk.says}>
          <Status is={risk.severity} />
          <p>
            <Told text={risk.says} />
          </p>
          {risk.safer && (
            <>
              <Safer rule={risk.safer} before={rule} />
              {onSafer && (
                <Button size="compact-sm" onClick={() => risk.safer && onSafer(risk.safer)}>
                  {verb}
                </Button>
              )}
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

/** What the safer rule says otherwise. */
function Safer({
  rule,
  before,
}: {
  readonly rule: TrustRuleTerms
  readonly before: TrustRuleTerms
}) {
  const known = new Set(before.conditions.map(conditionText))
  const said = [
    ...rule.conditions.map(conditionText).filter((text) => !known.has(text)),
    ...(before.allowForks && !rule.allowForks ? ['runs of forks are refused'] : []),
    ...(before.allowSshReruns && !rule.allowSshReruns ? ['reruns with SSH are refused'] : []),
  ]
  return (
    <ul className={classes.safer} aria-label="Safer">
      {said.map((text) => (
        <li key={text}>
          <code>{text}</code>
        </li>
      ))}
    </ul>
  )
}
