import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { OnceAMinute } from '../../db/once-a-minute.ts'
import type { Transaction } from '../../db/transaction.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import type { RunProject } from '../../decision/run-of.ts'
import type { IssuerRules } from '../../pipelines/ci-token.ts'
import { contextsInUse, type ContextInUse } from '../contexts/service.ts'
import { trustedIssuers } from '../issuers/service.ts'
import { runProjects } from '../projects/service.ts'
import { trustRules, type TrustRule } from '../trust-rules/service.ts'

/** Everything by which runs are decided about, but policies: whom to trust, whose a token is, whom a context admits. */
export interface Gate {
  issuer(url: string): IssuerRules | undefined
  rulesOf(issuerId: string): readonly TrustRule[]
  project(id: string): RunProject | undefined
  /** The contexts of these names or ids, in the order they were asked for, each once. */
  contexts(asked: readonly string[]): ContextInUse[]
}

export interface GateStore {
  /** As it was when the transaction began: what was committed before counts, on every server. */
  at(transaction: Pick<Transaction, 'db' | 'epochs'>): Promise<Gate>
  /** As it was last seen, for what must be looked up before a transaction; it decides nothing. */
  readonly known: Gate | undefined
}

/** By what a run is decided about, as it was when its transaction began. */
export interface RunRules {
  readonly judge: PolicyJudge
  readonly gate: Gate
  /** Which last uses have been written down. */
  readonly uses: OnceAMinute
}

/** Read once an epoch (0060), which every transaction is told as it begins; by one, however many wait for it. */
export function createGateStore(): GateStore {
  let last: { epoch: string; gate: Gate } | undefined
  let loading: { epoch: string; gate: Promise<Gate> } | undefined
  const load = async (db: Db, epoch: string): Promise<Gate> => {
    const reading = { epoch, gate: readGate(db) }
    loading = reading
    try {
      const gate = await reading.gate
      last = { epoch, gate }
      return gate
    } finally {
      if (loading === reading) loading = undefined
    }
  }
  return {
    get known() {
      return last?.gate
    },
    async at({ db, epochs }) {
      const epoch = epochs.gate ?? (await gateEpoch(db))
      if (last?.epoch === epoch) return last.gate
      // It was read after the same epoch was seen, so that it is no older than what is asked for.
      if (loading?.epoch === epoch) return loading.gate.catch(() => load(db, epoch))
      return load(db, epoch)
    },
  }
}

async function gateEpoch(db: Db): Promise<string> {
  const { rows } = await sql<{
    epoch: string
  }>`select bit_xor(epoch)::text as epoch from gate_epoch`.execute(db)
  const [told] = rows
  if (!told) throw new Error('the database told no epoch')
  return told.epoch
}

async function readGate(db: Db): Promise<Gate> {
  const [issuers, rules, projects, contexts] = await Promise.all([
    trustedIssuers(db),
    trustRules(db),
    runProjects(db),
    contextsInUse(db),
  ])
  const byUrl = new Map(issuers.map((each) => [each.url, each]))
  const byIssuer = Map.groupBy(rules, ({ issuerId }) => issuerId)
  const projectById = new Map(projects.map((each) => [each.id, each]))
  // A context that is called like another's id is not meant by it: ids come first.
  const byNameOrId = new Map([
    ...contexts.map((each) => [each.name, each] as const),
    ...contexts.map((each) => [each.id, each] as const),
  ])
  return {
    issuer: (url) => byUrl.get(url),
    rulesOf: (issuerId) => byIssuer.get(issuerId) ?? [],
    project: (id) => projectById.get(id),
    contexts: (asked) => [...new Set(asked.flatMap((each) => byNameOrId.get(each) ?? []))],
  }
}
