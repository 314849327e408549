import { readCiRun, sameProject, type CiRun } from '../../contract/ci-claims.ts'
import type { Issuer } from '../../contract/issuers.ts'
import { askRule, claimText, type IssuerKind, type RuleResult } from '../../contract/trust.ts'
import type { TrustRule } from '../../contract/trust-rules.ts'
import { exchangeCharacters, type TokenRead } from './token-text.ts'

/** One thing that the exchange asks of a token before any rule: `unknown` where only the server can tell. */
export interface TokenCheck {
  readonly asks: string
  readonly holds: boolean | 'unknown'
  readonly expected: string
  readonly actual: string
}

export interface RuleTried {
  readonly rule: TrustRule
  readonly run: CiRun
  readonly result: RuleResult
  /** Bound by name, but the CI system's id says that it is another project. */
  readonly otherProject: boolean
  readonly admits: boolean
}

export interface TokenJudgement {
  /** By its address; undefined when nobody trusts it. */
  readonly issuer: Issuer | undefined
  readonly kind: IssuerKind
  readonly checks: readonly TokenCheck[]
  readonly tried: readonly RuleTried[]
  /** What the token says of the run, beside the project that a rule tells it to be of, also where it is then refused. */
  readonly run: CiRun
  /** The one project that it is told to be of. */
  readonly project: { readonly id: string; readonly name: string } | undefined
  /** Rules of several projects admit it, so that none does. */
  readonly ambiguous: boolean
}

export const issuerOf = (token: TokenRead, issuers: readonly Issuer[]): Issuer | undefined =>
  issuers.find(({ url }) => url === token.claims['iss'])

/** The kind that an address speaks of, for a token of an issuer that nobody trusts yet. */
function kindOf(iss: unknown): IssuerKind {
  const url = typeof iss === 'string' ? iss : ''
  if (/^https:\/\/oidc\.circleci\.com(\/|$)/.test(url)) return 'circleci'
  if (/^https:\/\/token\.actions\.githubusercontent\.com(\/|$)/.test(url)) return 'github'
  if (url.startsWith('https://gitlab.')) return 'gitlab'
  return 'other'
}

/** What the exchange would say of a token, but for its signature, which only the server can verify. */
export function judgeToken(
  token: TokenRead,
  issuer: Issuer | undefined,
  rules: readonly TrustRule[],
  nowMs: number,
): TokenJudgement {
  const kind = issuer?.kind ?? kindOf(token.claims['iss'])
  const tried = rules.map((rule): RuleTried => {
    const read = readCiRun(kind, token.claims, rule.project.repository)
    const run = rule.runnerClass === null ? read : { ...read, runnerClass: rule.runnerClass }
    const result = askRule(kind, rule, token.claims, read)
    const same = sameProject(rule.project.externalId, read)
    const otherProject = result.bound && !same
    return { rule, run, result, otherProject, admits: result.matches && same }
  })
  const admitting = tried.filter(({ admits }) => admits)
  const first = ofOneProject(admitting)
  const named = ofOneProject(
    tried.filter(({ result, otherProject }) => result.bound && !otherProject),
  )
  return {
    issuer,
    kind,
    checks: checksOf(token, issuer, nowMs),
    tried: tried.toSorted((one, other) => failures(one) - failures(other)),
    run: first?.run ?? readCiRun(kind, token.claims, named?.rule.project.repository),
    project: first?.rule.project,
    ambiguous: admitting.length > 0 && !first,
  }
}

/** The first of those that are all of one project. */
const ofOneProject = (tried: readonly RuleTried[]): RuleTried | undefined =>
  new Set(tried.map(({ rule }) => rule.project.id)).size === 1 ? tried[0] : undefined

const failures = ({ result, otherProject }: RuleTried) =>
  (result.bound ? 0 : 100) +
  Number(otherProject) +
  result.conditions.filter(({ holds }) => !holds).length +
  Number(result.forkRefused) +
  Number(result.sshRefused)

const seconds = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
const say = (value: unknown) => {
  const text = claimText(value) ?? JSON.stringify(value)
  return text === undefined ? 'not there' : text
}
const minutes = (of: number) =>
  Math.abs(of) < 120 ? `${Math.round(of)} s` : `${Math.round(of / 60)} min`

function checksOf(
  { header, claims, characters, duplicates }: TokenRead,
  issuer: Issuer | undefined,
  nowMs: number,
): TokenCheck[] {
  const now = nowMs / 1000
  const [iat, exp, nbf] = [claims['iat'], claims['exp'], claims['nbf']].map(seconds)
  const age = now - (iat ?? 0)
  const leeway = issuer?.leewaySeconds ?? 0
  const audiences = [claims['aud']].flat()
  const known = (holds: boolean): TokenCheck['holds'] => (issuer ? holds : 'unknown')
  const alg = typeof header['alg'] === 'string' ? header['alg'] : ''
  const typed = header['typ'] === undefined || say(header['typ']).toUpperCase() === 'JWT'
  const subject = typeof claims['sub'] === 'string' && claims['sub'] !== ''
  const wellFormed =
    characters <= exchangeCharacters &&
    duplicates.length === 0 &&
    alg !== 'none' &&
    typed &&
    subject
  return [
    {
      asks: 'Its issuer is trusted',
      holds: issuer !== undefined,
      expected: issuer?.url ?? 'the address of a trusted issuer',
      actual: say(claims['iss']),
    },
    {
      asks: 'It is for this console',
      holds: known(audiences.includes(issuer?.audience)),
      expected: issuer?.audience ?? 'the issuer’s audience',
      actual: audiences.map(say).join(', '),
    },
    {
      asks: 'It is signed as the issuer signs',
      holds: known(issuer?.algorithms.some((name) => name === alg) ?? false),
      expected: issuer?.algorithms.join(' or ') ?? 'an algorithm that is taken',
      actual: alg || 'not said',
    },
    {
      asks: 'It has not expired',
      holds: exp !== undefined && exp + leeway > now,
      expected: 'exp in the future',
      actual:
        exp === undefined
          ? 'no exp'
          : exp > now
            ? `in ${minutes(exp - now)}`
            : `${minutes(now - exp)} ago`,
    },
    {
      asks: 'It is young enough',
      holds:
        iat === undefined
          ? false
          : known(age <= (issuer?.maxAgeSeconds ?? 0) + leeway && age >= -leeway),
      expected: issuer
        ? `issued at most ${minutes(issuer.maxAgeSeconds)} ago`
        : 'the issuer’s oldest token',
      actual:
        iat === undefined
          ? 'no iat'
          : age < 0
            ? `issued ${minutes(-age)} from now`
            : `issued ${minutes(age)} ago`,
    },
    ...(nbf === undefined
      ? []
      : [
          {
            asks: 'It is valid already',
            holds: nbf - leeway <= now,
            expected: 'nbf in the past',
            actual: nbf <= now ? `${minutes(now - nbf)} ago` : `in ${minutes(nbf - now)}`,
          },
        ]),
    {
      asks: 'Its form is one that is taken',
      holds: wellFormed,
      expected: `at most ${exchangeCharacters.toLocaleString('en')} characters, no name twice, signed, typ JWT, with a sub`,
      actual: [
        `${characters.toLocaleString('en')} characters`,
        ...(duplicates.length > 0 ? [`twice: ${duplicates.join(', ')}`] : []),
        ...(alg === 'none' ? ['not signed'] : []),
        ...(typed ? [] : [`typ ${say(header['typ'])}`]),
        ...(subject ? [] : ['no sub']),
      ].join('; '),
    },
    {
      asks: 'Its signature holds',
      holds: 'unknown',
      expected: 'a key of the issuer',
      actual: `key ${say(header['kid'])}: only the server asks for keys`,
    },
  ]
}
