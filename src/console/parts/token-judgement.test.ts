import { expect, test } from 'vitest'
import type { Issuer } from '../../contract/issuers.ts'
import type { TrustRule } from '../../contract/trust-rules.ts'
import { judgeToken } from './token-judgement.ts'
import type { TokenRead } from './token-text.ts'

const now = Date.parse('2026-11-28T12:00:00Z')
const issuer: Issuer = {
  id: 'i',
  name: 'CircleCI',
  kind: 'circleci',
  url: 'https://oidc.circleci.com/org/o',
  audience: 'https://sallyport.example',
  algorithms: ['RS256'],
  leewaySeconds: 30,
  maxAgeSeconds: 3_600,
  bindAddress: false,
  rules: 1,
  lastUsedAt: null,
  createdAt: '2026-11-01T00:00:00Z',
  createdBy: null,
  version: 1,
  allowed: [],
}
const rule = (name: string, allowForks = false): TrustRule => ({
  id: `rule of ${name}`,
  name,
  issuer,
  project: { id: name, name, repository: `github.com/acme/${name}`, externalId: null },
  conditions: [{ claim: 'oidc.circleci.com/project-id', op: 'eq', values: ['p'] }],
  allowForks,
  allowSshReruns: false,
  runnerClass: null,
  lastUsedAt: null,
  createdAt: '2026-11-01T00:00:00Z',
  createdBy: null,
  version: 1,
  allowed: [],
})
const tokenFrom = (origin: string): TokenRead => ({
  header: { alg: 'RS256', kid: 'k' },
  claims: {
    iss: issuer.url,
    aud: issuer.audience,
    sub: 'org/o/project/p',
    iat: now / 1_000 - 60,
    exp: now / 1_000 + 3_600,
    'oidc.circleci.com/project-id': 'p',
    'oidc.circleci.com/vcs-origin': origin,
    'oidc.circleci.com/ssh-rerun': 'false',
  },
  characters: 900,
  duplicates: [],
})
const judged = (origin: string, rules: readonly TrustRule[]) => {
  const { project, ambiguous, run } = judgeToken(tokenFrom(origin), issuer, rules, now)
  return { project: project?.name, ambiguous, fork: run.fork }
}

test('of a run that one rule names, and refuses as a fork, it is known that it is one', () => {
  const [own, fork] = ['github.com/acme/shop', 'github.com/mallory/shop']
  expect(judged(fork, [rule('shop')])).toEqual({ ambiguous: false, fork: 'yes' })
  expect(judged(fork, [rule('shop', true)])).toEqual({
    project: 'shop',
    ambiguous: false,
    fork: 'yes',
  })
  expect(judged(own, [rule('shop')])).toEqual({ project: 'shop', ambiguous: false, fork: 'no' })
  // Of two that name it nobody knows with which repository to compare.
  expect(judged(fork, [rule('shop'), rule('till')])).toEqual({ ambiguous: false, fork: 'unknown' })
  expect(judged(fork, [])).toEqual({ ambiguous: false, fork: 'unknown' })
})
