import type { OutputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { RunProject } from '../../decision/run-of.ts'
import type { Vault } from '../../vault/vault.ts'
import { readReference, type ContextInUse, type SealedSecret } from '../contexts/service.ts'
import { federatedClaims } from '../federation/service.ts'
import { vaultById, type VaultQuestion, type VaultReader } from '../vaults/service.ts'

type Redeemed = OutputOf<'leases.redeem'>

export interface DeliveryParts {
  readonly vault: Vault
  readonly readVaults: VaultReader
}

interface Giving {
  readonly lease: string
  readonly run: RunFacts
  readonly project: RunProject | undefined
  readonly contexts: readonly ContextInUse[]
  readonly sealed: readonly SealedSecret[]
}

/**
 * Reads, inside the transaction, all that giving the secrets will need; `carryOut` opens them when the event is on record,
 * and asks Vault for those that are kept there.
 */
export async function prepareDelivery(db: Db, giving: Giving) {
  const { lease, run, project, contexts, sealed } = giving
  const vaultIds = new Set(sealed.flatMap(({ reference }) => reference?.vaultId ?? []))
  const servers = new Map<string, VaultQuestion['server']>()
  for (const id of vaultIds) {
    const server = await vaultById(db, id)
    if (server) servers.set(id, server)
  }

  const question = (secret: SealedSecret, text: string): VaultQuestion => {
    const reference = readReference(text, secret.name)
    const server = servers.get(reference.vaultId)
    const context = contexts.find(({ id }) => id === secret.contextId)
    if (!server || !context || !project) throw new Error('a reference that leads nowhere')
    const claims = federatedClaims({ ...run, project, context, lease })
    return { server, reference, claims, secret: secret.name }
  }

  return {
    async carryOut({ vault, readVaults }: DeliveryParts): Promise<Redeemed> {
      const secrets: Record<string, string> = {}
      const questions: VaultQuestion[] = []
      for (const each of sealed) {
        const text = each.open(vault)
        if (each.reference) questions.push(question(each, text))
        // Also for a reference, so that the names keep their order.
        secrets[each.name] = text
      }
      const values = questions.length > 0 ? await readVaults(questions) : []
      questions.forEach(({ secret }, at) => {
        secrets[secret] = values[at] ?? ''
      })
      return { lease, secrets }
    },
  }
}
