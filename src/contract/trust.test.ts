import { describe, expect, test } from 'vitest'
import { readCiRun } from './ci-claims.ts'
import {
  askRule,
  claimsKnown,
  globMatches,
  risksOf,
  ruleFault,
  without,
  type TrustRuleTerms,
} from './trust.ts'

const rule = (
  conditions: TrustRuleTerms['conditions'],
  more: Partial<TrustRuleTerms> = {},
): TrustRuleTerms => ({ conditions, allowForks: false, allowSshReruns: false, ...more })
const eq = (claim: string, ...values: string[]) =>
  ({ claim, op: values.length > 1 ? 'in' : 'eq', values }) as const
const glob = (claim: string, value: string) => ({ claim, op: 'glob', values: [value] }) as const
const sure = { fork: 'no', sshRerun: false } as const

describe('a pattern', () => {
  test.each([
    ['main', 'main', true],
    ['main', 'Main', false],
    ['main', 'main ', false],
    ['release/*', 'release/2', true],
    ['release/*', 'release/2/hotfix', false],
    ['release/**', 'release/2/hotfix', true],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/web:ref:refs/heads/main', true],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/web:x:ref:refs/heads/main', false],
    ['v?.?', 'v1.2', true],
    ['v?.?', 'v1/2', false],
    ['*', '', true],
    ['?', '', false],
    ['a**b', 'a/x:y/b', true],
    ['**', 'anything/at:all', true],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(globMatches(pattern, text)).toBe(matches)
  })

  test('is matched in time that grows with both lengths, and no faster (P38)', () => {
    // One that goes back at every star is not through before the test's own time is over.
    expect(globMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(1_000))).toBe(false)
  })
})

describe('a GitHub subject holds in both of its forms', () => {
  const classic = 'repo:acme/web:ref:refs/heads/main'
  const immutable = 'repo:acme@11/web@22:ref:refs/heads/main'
  const ids = { repository_owner_id: '11', repository_id: '22' }
  test.each([
    ['classic rule, classic token', classic, { sub: classic, ...ids }, true],
    ['classic rule, immutable token', classic, { sub: immutable }, true],
    ['immutable rule, immutable token', immutable, { sub: immutable }, true],
    ['immutable rule, classic token with the ids', immutable, { sub: classic, ...ids }, true],
    ['immutable rule, classic token without ids', immutable, { sub: classic }, false],
    [
      'immutable rule, another repository of that name',
      immutable,
      { sub: 'repo:acme@11/web@99:ref:refs/heads/main' },
      false,
    ],
    ['another branch', classic, { sub: 'repo:acme/web:ref:refs/heads/dev' }, false],
    ['another case', classic, { sub: 'repo:Acme/web:ref:refs/heads/main' }, false],
    ['a trailing slash', classic, { sub: `${classic}/` }, false],
  ])('%s', (_, value, claims, matches) => {
    expect(askRule('github', rule([eq('sub', value)]), claims, sure).matches).toBe(matches)
  })
})

describe('what is not there never holds', () => {
  const own = eq('repository_id', '22')
  test.each([
    ['a missing claim', { repository_id: '22' }, [own, eq('environment', 'production')]],
    ['a list', { repository_id: ['22'] }, [own]],
    ['null', { repository_id: null }, [own]],
    ['a fraction', { repository_id: 22.5 }, [own]],
    ['a lookalike', { repository_id: '２２' }, [own]],
    ['any pattern of a missing claim', { repository_id: '22' }, [own, glob('environment', '**')]],
  ])('%s', (_, claims, conditions) => {
    expect(askRule('github', rule(conditions), claims, sure).matches).toBe(false)
  })
  test('the control: the claim as a text or a number holds', () => {
    for (const id of ['22', 22]) {
      expect(askRule('github', rule([own]), { repository_id: id }, sure).matches).toBe(true)
    }
  })
})

test('forks and reruns with SSH are refused unless the rule says otherwise; unknown counts as a fork', () => {
  const claims = { repository_id: '22' }
  const conditions = [eq('repository_id', '22')]
  for (const fork of ['yes', 'unknown'] as const) {
    const run = { fork, sshRerun: false }
    expect(askRule('github', rule(conditions), claims, run).matches).toBe(false)
    const forks = rule(conditions, { allowForks: true })
    expect(askRule('github', forks, claims, run).matches).toBe(true)
  }
  const rerun = { fork: 'no', sshRerun: true } as const
  expect(askRule('github', rule(conditions), claims, rerun).matches).toBe(false)
  const ssh = rule(conditions, { allowSshReruns: true })
  expect(askRule('github', ssh, claims, rerun).matches).toBe(true)
})

describe('a rule must say whose runs it admits', () => {
  test.each([
    ['circleci', [eq('oidc.circleci.com/project-id', 'p')], true],
    ['circleci', [eq('oidc.circleci.com/vcs-ref', 'refs/heads/main')], false],
    ['circleci', [glob('sub', 'org/o/project/p/user/**')], true],
    ['circleci', [glob('sub', 'org/o/project/**')], false],
    ['github', [eq('repository', 'acme/web')], true],
    ['github', [eq('repository_owner', 'acme')], false],
    ['github', [glob('sub', 'repo:acme/web:**')], true],
    ['github', [glob('sub', 'repo:acme/*:ref:refs/heads/main')], false],
    ['github', [glob('repository', 'acme/*')], false],
    ['gitlab', [eq('project_path', 'acme/web')], true],
    ['gitlab', [eq('ref', 'main')], false],
    ['other', [eq('sub', 'x')], true],
    ['other', [eq('aud', 'x')], false],
  ] as const)('%s %j: %s', (kind, conditions, valid) => {
    expect(ruleFault(kind, rule(conditions)) === undefined).toBe(valid)
  })
})

describe('what an attacker could make of a rule is said, with a safer one', () => {
  const claims = {
    sub: 'repo:acme/web:ref:refs/heads/main',
    repository: 'acme/web',
    repository_id: '22',
    ref: 'refs/heads/main',
  }
  const found = (terms: TrustRuleTerms, audience = 'https://sallyport.example') =>
    risksOf('github', terms, audience, claimsKnown(claims))

  test('a name, a pattern, forks, every branch, and an audience that everybody has', () => {
    const loose = rule([glob('sub', 'repo:acme/web:**')], {
      allowForks: true,
      allowSshReruns: true,
    })
    expect(found(loose, 'https://github.com/acme').map(({ id }) => id)).toEqual([
      'name',
      'wildcard',
      'audience',
      'forks',
      'ssh',
      'any_ref',
    ])
  })

  test('each safer rule has the risk no more, and still admits the token at hand', () => {
    const loose = rule([glob('sub', 'repo:acme/web:**')], { allowForks: true })
    for (const { id, safer } of found(loose)) {
      if (!safer) continue
      expect(found(safer).map((one) => one.id)).not.toContain(id)
      expect(askRule('github', safer, claims, sure).matches).toBe(true)
    }
  })

  test('of several values that are known a rule lists those that it means, and of several ids it names none', () => {
    const loose = rule([eq('repository', 'acme/web'), glob('ref', 'refs/heads/**')])
    const refs = ['refs/heads/main', 'refs/heads/next']
    const by = (known: Record<string, string[]>) => {
      const name = without('name', 'github', loose, 'x', known)
      return without('wildcard', 'github', name, 'x', known).conditions
    }
    expect(by({ repository_id: ['22'], ref: refs })).toEqual([
      eq('repository', 'acme/web'),
      eq('ref', ...refs),
      eq('repository_id', '22'),
    ])
    expect(by({ repository_id: ['22', '23'] })).toEqual(loose.conditions)
    const many = Array.from({ length: 21 }, (_, at) => `refs/heads/${at}`)
    expect(by({ ref: many })).toEqual(loose.conditions)
    expect(by({ ref: many.slice(1) })[1]).toEqual(eq('ref', ...many.slice(1)))
  })

  test('the control: a rule by id and branch has none', () => {
    const tight = rule([eq('repository_id', '22'), eq('ref', 'refs/heads/main')])
    expect(found(tight)).toEqual([])
  })
})

describe('whether a run may be a fork’s', () => {
  const circle = (claims: object) =>
    readCiRun(
      'circleci',
      Object.fromEntries(
        Object.entries(claims).map(([name, value]) => [`oidc.circleci.com/${name}`, value]),
      ),
      'https://github.com/acme/web.git',
    )
  test.each([
    ['its own repository', circle({ 'vcs-origin': 'github.com/acme/web' }), 'no'],
    ['its own repository, another case', circle({ 'vcs-origin': 'GitHub.com/Acme/Web' }), 'no'],
    ['a fork', circle({ 'vcs-origin': 'github.com/mallory/web' }), 'yes'],
    ['a repository that ends alike', circle({ 'vcs-origin': 'github.com/x/acme/web' }), 'yes'],
    ['a custom webhook', circle({}), 'unknown'],
    ['a push', readCiRun('github', { event_name: 'push' }), 'no'],
    ['a pull request', readCiRun('github', { event_name: 'pull_request' }), 'unknown'],
    ['pull_request_target', readCiRun('github', { event_name: 'pull_request_target' }), 'unknown'],
    ['no event', readCiRun('github', {}), 'unknown'],
    ['a branch', readCiRun('gitlab', { pipeline_source: 'push', ref_type: 'branch' }), 'no'],
    ['a merge request', readCiRun('gitlab', { pipeline_source: 'merge_request_event' }), 'unknown'],
    ['any other issuer', readCiRun('other', { sub: 'x' }), 'unknown'],
  ])('%s: %o', (_, run, fork) => expect(run.fork).toBe(fork))

  test('a rerun is without SSH only where the token says so', () => {
    expect(circle({ 'ssh-rerun': false }).sshRerun).toBe(false)
    expect(circle({ 'ssh-rerun': true }).sshRerun).toBe(true)
    expect(circle({}).sshRerun).toBe(true)
  })
})
