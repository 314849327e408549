import type { DraftHost } from '../../decision/draft-host.ts'
import { policyVocabulary } from '../../decision/policy-vocabulary.ts'
import { byName, fromIdCursor, fromNumberCursor, pageOf } from '../../http/cursor.ts'
import type { AnswerOf } from '../../../contract/index.ts'
import type { ReplayRunner } from '../replays/service.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import {
  approveEnforcement,
  askEnforcement,
  endAsk,
  endEnforcement,
  replayAsked,
  setMode,
} from './enforcement.ts'
import {
  answerOf,
  changePolicy,
  createPolicy,
  detailOf,
  removePolicy,
  rollBackPolicy,
  thePolicy,
  theVersion,
  versionAnswer,
} from './service.ts'
import { policyFrom } from './templates.ts'
import { starterLibrary } from './starter-library.ts'
import { approvalsOf, countsOf, listPolicies, versionsOf } from './store.ts'
import { runTests } from './tests.ts'
import { usagesOf } from './test-store.ts'

/** What the feature needs beside the transaction: where a draft may stop the engine without harm. */
export interface PolicyParts {
  readonly drafts: DraftHost
  /** Works out what an enforcement that is asked for would change. */
  readonly replays: ReplayRunner
}

/** Policies hold for the whole organization: who may see policies anywhere may see each. */
export function policyHandlers({ drafts, replays }: PolicyParts): Handlers<'policies'> {
  /** A version that was written says in its event which tests it fails: a draft may fail them. */
  const tested = async (scope: Scope, written: AnswerOf<'policies.view'>) => {
    const { total, failing } = await runTests(scope, drafts, written.id, written.text)
    const names = failing.slice(0, 20).map(({ name }) => name)
    if (total > 0) scope.record({ detail: { tests: total, failing: names } })
    return written
  }
  return {
    async list(scope, input) {
      scope.reach('policy:view')
      const rows = await listPolicies(scope.db, input, fromIdCursor(input.cursor, 2))
      const counts = await countsOf(scope.db, scope.reach('decision:view'))
      const usages = await usagesOf(scope.db)
      const { shown, next } = pageOf(rows, input.limit, byName)
      return {
        items: shown.map((row) => answerOf(scope, row, counts, usages)),
        ...next,
      }
    },
    async starters(scope) {
      scope.reach('policy:view')
      return {
        items: starterLibrary.map(({ id, name, explanation, text, examples }) => ({
          id,
          name,
          explanation,
          text,
          examples: examples.map(({ says, outcome }) => ({ says, outcome })),
        })),
      }
    },
    async template(scope, { of }) {
      scope.reach('policy:view')
      return policyFrom(of)
    },
    async schema(scope) {
      scope.reach('policy:view')
      return policyVocabulary()
    },
    async validate(scope, { text }) {
      scope.reach('policy:view')
      const { problems, actions, valid } = await drafts.check(text)
      return { problems: [...problems], actions: [...actions], valid }
    },
    async view(scope, { policyId }) {
      scope.reach('policy:view')
      return detailOf(scope, policyId)
    },
    create: createPolicy,
    update: async (scope, input) => tested(scope, await changePolicy(scope, input)),
    remove: removePolicy,
    async versions(scope, { policyId, cursor, limit }) {
      scope.reach('policy:view')
      const policy = await thePolicy(scope, policyId)
      const rows = await versionsOf(scope.db, policyId, limit + 1, fromNumberCursor(cursor))
      const { shown, next } = pageOf(rows, limit, ({ number }) => [number])
      return {
        items: shown.map((row) => versionAnswer(row, policy)),
        ...next,
      }
    },
    async compare(scope, { policyId, from, until }) {
      scope.reach('policy:view')
      const policy = await thePolicy(scope, policyId)
      const textOf = async (number: number) => {
        const row = await theVersion(scope, policyId, number)
        return { ...versionAnswer(row, policy), text: row.text }
      }
      return { from: await textOf(from), until: await textOf(until) }
    },
    rollback: async (scope, input) => tested(scope, await rollBackPolicy(scope, input)),
    setMode: (scope, input) => setMode(scope, drafts, input),
    async approvals(scope, { policyId }) {
      scope.reach('policy:view')
      await thePolicy(scope, policyId)
      const rows = await approvalsOf(scope.db, policyId)
      return {
        items: rows.map((row) => ({
          id: row.id,
          version: row.version,
          askedBy: { id: row.askedBy, name: row.askedByName },
          askedAt: row.askedAt,
          reason: row.reason,
          verdict: row.verdict,
          decidedBy:
            row.decidedBy && row.decidedByName
              ? { id: row.decidedBy, name: row.decidedByName }
              : null,
          decidedAt: row.decidedAt,
        })),
      }
    },
    async askEnforcement(scope, input) {
      await askEnforcement(scope, drafts, input)
      return replayAsked(scope, replays, input.policyId)
    },
    replayAsked: (scope, { policyId }) => replayAsked(scope, replays, policyId),
    approveEnforcement: (scope, input) => approveEnforcement(scope, drafts, input),
    declineEnforcement: (scope, { policyId }) => endAsk(scope, policyId, 'declined'),
    withdraw: (scope, { policyId }) => endAsk(scope, policyId, 'withdrawn'),
    endEnforcement,
  }
}
