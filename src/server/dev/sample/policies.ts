import { createDraftHost } from '../../decision/draft-host.ts'
import { approveEnforcement, askEnforcement, setMode } from '../../features/policies/enforcement.ts'
import { createPolicy, policyResourceOf } from '../../features/policies/service.ts'
import { starterLibrary, type StarterPolicy } from '../../features/policies/starter-library.ts'
import type { Stage } from './stage.ts'

/** Which starter policies the company took, and how far each came. */
const taken: ReadonlyMap<string, 'evaluate' | 'enforce'> = new Map([
  ['no-forks', 'enforce'],
  ['no-ssh-rerun', 'enforce'],
  ['no-api-triggers', 'evaluate'],
  ['default-branch-only', 'evaluate'],
  ['tokens-do-not-grant', 'enforce'],
  ['config-production-branches', 'enforce'],
  ['config-images-pinned', 'enforce'],
  ['config-refs-pinned', 'evaluate'],
])
const minutes = 60_000

/** Puts the company's policies there, each as somebody wrote and tried it, and two people agreed on it. */
export async function adoptPolicies(stage: Stage, day: Date): Promise<void> {
  const drafts = createDraftHost()
  try {
    const begun = starterLibrary.filter(({ id }, number) => number < 12 || taken.has(id))
    for (const [number, starter] of begun.entries()) {
      const author = number % 3 === 0 ? 'Mirela Popescu' : 'Ada Okafor'
      await adopt(stage, drafts, starter, author, new Date(day.getTime() + number * 20 * minutes))
    }
  } finally {
    await drafts.close()
  }
}

async function adopt(
  stage: Stage,
  drafts: ReturnType<typeof createDraftHost>,
  { id, name, explanation: description, text }: StarterPolicy,
  author: string,
  from: Date,
): Promise<void> {
  const after = (spent: number) => new Date(from.getTime() + spent * minutes)
  const made = await stage.act({
    by: author,
    at: from,
    action: 'policies.create',
    may: 'policy:create',
    work: (scope) => createPolicy(scope, { name, description, text, starter: id }),
  })
  const mode = taken.get(id)
  if (!made || !mode) return
  const policyId = made.id
  const on = policyResourceOf(made)
  const tried = await stage.act({
    by: author,
    at: after(4),
    action: 'policies.setMode',
    may: 'policy:update',
    on,
    version: made.version,
    work: (scope) => setMode(scope, drafts, { policyId, mode: 'evaluate', reason: '' }),
  })
  if (!tried || mode !== 'enforce') return
  const asked = await stage.act({
    by: author,
    at: after(9),
    action: 'policies.askEnforcement',
    may: 'policy:enforce',
    on,
    version: tried.version,
    work: (scope) => {
      const reason = 'Agreed in the security round; nothing of ours depends on what it forbids.'
      return askEnforcement(scope, drafts, { policyId, reason })
    },
  })
  await stage.act({
    by: author === 'Ada Okafor' ? 'Mirela Popescu' : 'Ada Okafor',
    at: after(17),
    action: 'policies.approveEnforcement',
    may: 'policy:enforce',
    on,
    version: asked?.version ?? tried.version,
    work: (scope) => approveEnforcement(scope, drafts, { policyId, reason: '' }),
  })
}
