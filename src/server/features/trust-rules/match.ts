import { readCiRun, sameProject, type CiRun } from '../../../contract/ci-claims.ts'
import type { Layer } from '../../../contract/decisions.ts'
import { askRule, type RuleResult } from '../../../contract/trust.ts'
import type { CiToken } from '../../pipelines/ci-token.ts'
import type { TokenThen } from '../../db/tables/decisions.ts'
import { claimsThen } from './claims.ts'
import type { TrustRule } from './store.ts'

/** Whose run it is, or why that cannot be said. */
export interface Matched {
  /** The identity layer of the decision. */
  readonly layer: Layer
  /** Present where the token is certainly this project's, also when the rule refuses it for another reason. */
  readonly project?: { readonly id: string }
  readonly rule?: { readonly id: string; readonly name: string }
  readonly run: CiRun
  /** What would make the rule admit it. */
  readonly change?: string
  /** What is recorded of the token: what a preview of the rules asks again. */
  readonly token?: TokenThen
}

interface Tried {
  readonly rule: TrustRule
  readonly run: CiRun
  readonly result: RuleResult
}

/**
 * Tells a verified token to be a project's by the rules of its issuer. Only a token that a rule binds to its project is
 * told what else the rule expects: anybody may have a token of a public CI system, and learns nothing by it.
 */
export function matchRules(rules: readonly TrustRule[], token: CiToken): Matched {
  return { ...matchAmong(rules, token), token: claimsThen(token, rules) }
}

/** A token as far as rules read it: also one of which only that was recorded. */
export type TokenSeen = Pick<CiToken, 'subject' | 'claims'> & {
  readonly issuer: Pick<CiToken['issuer'], 'id' | 'kind' | 'name'>
}

export function matchAmong(rules: readonly TrustRule[], token: TokenSeen): Matched {
  const { kind } = token.issuer
  const tried = rules.map((rule): Tried => {
    const run = readCiRun(kind, token.claims, rule.repository)
    return { rule, run, result: askRule(kind, rule, token.claims, run) }
  })
  const own = tried.filter(
    ({ rule, run, result }) => result.bound && sameProject(rule.externalId, run),
  )
  const admitted = own.filter(({ result }) => result.matches)
  const projects = new Set(admitted.map(({ rule }) => rule.projectId))
  const [first] = admitted
  if (first && projects.size === 1) return admittedBy(first)
  if (first) return ambiguous(token, admitted)
  const foreign = tried.find(
    ({ rule, run, result }) => result.bound && !sameProject(rule.externalId, run),
  )
  if (foreign && own.length === 0) return otherProject(token, foreign)
  const [nearest] = own.toSorted((one, other) => failures(one) - failures(other))
  return nearest ? refusedBy(nearest, kind) : unknown(token)
}

const failures = ({ result }: Tried) =>
  result.conditions.filter(({ holds }) => !holds).length +
  Number(result.forkRefused) +
  Number(result.sshRefused)

const because = ({ rule }: Tried) => ({ kind: 'trustRule', id: rule.id, name: rule.name })
const clause = 'A trust rule tells the token to be a project’s'

function admittedBy({ rule, run, result }: Tried): Matched {
  const { runnerClass } = rule
  return {
    layer: {
      layer: 'identity',
      verdict: 'permitted',
      clause: `Trust rule “${rule.name}” admits the token`,
      because: [because({ rule, run, result })],
    },
    project: { id: rule.projectId },
    rule: { id: rule.id, name: rule.name },
    run: { ...run, ...(runnerClass !== null && { runnerClass }) },
  }
}

/** Everything about the token that the rule does not admit, side by side with what it admits. */
function refusedBy(nearest: Tried, kind: TokenSeen['issuer']['kind']): Matched {
  const { rule, run, result } = nearest
  const failed = result.conditions
    .filter(({ holds }) => !holds)
    .map(({ condition: { claim, op, values }, actual }) => ({
      expected: `${claim} ${op} ${values.join(' or ')}`,
      actual: `${claim} ${actual ?? 'is not there'}`,
      change:
        actual === undefined
          ? `Ask the CI system for a token with \`${claim}\`.`
          : `Let “${rule.name}” admit ${claim} ${actual}.`,
    }))
  if (result.forkRefused) {
    failed.push({
      expected: 'a run that is certainly not of a fork',
      actual: run.forkSays ?? 'it may be of a fork',
      // Of an issuer of no known kind no run is certainly not of a fork, from whichever branch it is.
      change:
        kind === 'other'
          ? `Let “${rule.name}” admit forks.`
          : `Run it from a branch of the repository itself, or let “${rule.name}” admit forks.`,
    })
  }
  if (result.sshRefused) {
    failed.push({
      expected: 'a run that nobody can log in to',
      actual: 'a rerun with SSH, or a token that does not say',
      change: `Rerun it without SSH, or let “${rule.name}” admit reruns with SSH.`,
    })
  }
  return {
    layer: {
      layer: 'identity',
      verdict: 'denied',
      clause: `Trust rule “${rule.name}” admits the token`,
      expected: failed.map(({ expected }) => expected).join('; '),
      actual: failed.map(({ actual }) => actual).join('; '),
      because: [because(nearest)],
    },
    project: { id: rule.projectId },
    run,
    change: failed.map(({ change }) => change).join(' '),
  }
}

function ambiguous(token: TokenSeen, admitted: readonly Tried[]): Matched {
  const names = admitted.map(({ rule }) => `“${rule.name}”`).join(' and ')
  return {
    layer: {
      layer: 'identity',
      verdict: 'denied',
      clause: 'Trust rules tell the token to be of one project',
      expected: 'rules of one project',
      actual: `${names} admit it, for different projects`,
      because: admitted.map(because),
    },
    run: readCiRun(token.issuer.kind, token.claims),
    change: 'Narrow one of the rules.',
  }
}

function otherProject({ issuer, claims }: TokenSeen, { run }: Tried): Matched {
  return {
    layer: {
      layer: 'identity',
      verdict: 'denied',
      clause: 'The token is of the project itself, not of another that took its name',
      expected: 'the project’s own id at the CI system',
      actual: `id ${run.projectId ?? 'unknown'}`,
      because: [],
    },
    run: readCiRun(issuer.kind, claims),
  }
}

function unknown({ issuer, subject, claims }: TokenSeen): Matched {
  return {
    layer: {
      layer: 'identity',
      verdict: 'denied',
      clause,
      expected: `a token that a trust rule of ${issuer.name} binds to a project`,
      actual: `sub ${subject.slice(0, 300)}`,
      because: [],
    },
    run: readCiRun(issuer.kind, claims),
  }
}
