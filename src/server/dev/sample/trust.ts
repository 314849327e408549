import type { Provider } from '../../../contract/projects.ts'
import type { TrustCondition } from '../../../contract/trust.ts'
import type { Config } from '../../config.ts'
import { createIssuer } from '../../features/issuers/service.ts'
import { createTrustRule } from '../../features/trust-rules/service.ts'
import { ciIssuers } from '../ci/ci.ts'
import { externalIdOf, projects, segments } from './cast.ts'
import type { Company } from './company.ts'
import { dateBack, type Stage } from './stage.ts'

const titles: Readonly<Record<Provider, string>> = {
  circleci: 'CircleCI',
  github: 'GitHub Actions',
  gitlab: 'GitLab',
}
const idClaim: Readonly<Record<Provider, string>> = {
  circleci: 'oidc.circleci.com/project-id',
  github: 'repository_id',
  gitlab: 'project_id',
}

/** Two rules that somebody wrote in a hurry: by name, by pattern, and open to forks. */
const hurried: Readonly<Record<string, { condition: TrustCondition; allowForks: boolean }>> = {
  'portal-preview': {
    condition: { claim: 'sub', op: 'glob', values: ['repo:meridian/portal-preview:**'] },
    allowForks: false,
  },
  'design-system': {
    condition: { claim: 'repository', op: 'eq', values: ['meridian/design-system'] },
    allowForks: true,
  },
}

/** The CI systems that the company trusts, and a rule for each project that has runs. */
export async function trustCiSystems(
  stage: Stage,
  company: Company,
  config: Config,
  next: () => Date,
): Promise<void> {
  const port = Number(new URL(config.oidc.issuer).port) + 1
  const urls = ciIssuers(`http://localhost:${port}`)
  const by = 'Ada Okafor'
  const issuers = new Map<Provider, string>()
  for (const kind of ['circleci', 'github', 'gitlab'] as const) {
    const at = next()
    const made = await stage.act({
      by,
      at,
      action: 'issuers.create',
      may: 'issuer:create',
      work: async (scope) => {
        const answer = await createIssuer(scope, {
          name: titles[kind],
          kind,
          url: urls[kind],
          audience: config.publicUrl,
          algorithms: ['RS256'],
          leewaySeconds: 30,
          maxAgeSeconds: 600,
          bindAddress: true,
        })
        await dateBack(scope.db, 'issuer', answer.id, at)
        return answer
      },
    })
    if (made) issuers.set(kind, made.id)
  }
  for (const one of projects) {
    const projectId = company.projects.get(one.name)
    const issuerId = issuers.get(one.provider)
    if (!projectId || !issuerId) throw new Error(`the sample company cannot trust ${one.name}`)
    const { condition, allowForks } = hurried[one.name] ?? {
      condition: { claim: idClaim[one.provider], op: 'eq', values: [externalIdOf(one)] },
      allowForks: false,
    }
    const { values, ...rest } = condition
    const segment = segments.find(({ name }) => name === one.segment)
    const at = next()
    await stage.act({
      by,
      at,
      action: 'trustRules.create',
      may: 'trustRule:create',
      work: async (scope) => {
        const answer = await createTrustRule(scope, {
          name: one.name,
          issuerId,
          projectId,
          conditions: [{ ...rest, values: [...values] }],
          allowForks,
          allowSshReruns: false,
          // Its runners say so to nobody else: the network that they stand in is the segment's.
          runnerClass: segment?.runnerClasses[0] ?? null,
        })
        await dateBack(scope.db, 'trustRule', answer.id, at)
      },
    })
  }
}
