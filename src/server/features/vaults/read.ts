import { SecretValue } from '../../../contract/contexts.ts'
import type { SecretReference } from '../../../contract/vaults.ts'
import { OutboundError, readObject, type Outbound } from '../../outbound.ts'
import { problem, type ProblemError } from '../../http/problem.ts'
import type { Federation } from '../federation/service.ts'
import type { VaultRow } from './store.ts'

type Server = Pick<VaultRow, 'name' | 'address' | 'namespace' | 'authPath' | 'role' | 'audience'>

/** One value to be read, by which server and with which claims. */
export interface VaultQuestion {
  readonly server: Server
  readonly reference: SecretReference
  readonly claims: Readonly<Record<string, unknown>>
  /** The name of the secret, for the sentence when it cannot be read. */
  readonly secret: string
}

/** Reads values that are kept elsewhere, at the moment they are given: never stored, never cached. */
export type VaultReader = (questions: readonly VaultQuestion[]) => Promise<string[]>

const limits = { maxBytes: 1024 * 1024, timeoutMs: 5_000 }

const cannot = ({ secret, server }: VaultQuestion, why: string): ProblemError =>
  problem(
    'unavailable',
    `The secret ${secret} cannot be read from ${server.name}: ${why}. The lease is spent; ask for another when it can be.`,
    { headers: { 'retry-after': '30' } },
  )

/**
 * Vault and OpenBao's KV version 2, by their JWT method: a federated token of a minute is traded for a client token, which
 * is given back as soon as the values are read.
 */
export function createVaultReader(outbound: Outbound, federation: Federation): VaultReader {
  const headersOf = ({ namespace }: Server, token?: string) => ({
    'content-type': 'application/json',
    'x-vault-request': 'true',
    ...(namespace && { 'x-vault-namespace': namespace }),
    ...(token && { 'x-vault-token': token }),
  })

  const logIn = async (question: VaultQuestion): Promise<string> => {
    const { server, claims } = question
    const jwt = await federation.sign(claims, server.audience)
    const { auth } = (await readObject(
      outbound,
      `${server.address}/v1/auth/${server.authPath}/login`,
      {
        ...limits,
        method: 'POST',
        headers: headersOf(server),
        body: JSON.stringify({ role: server.role, jwt }),
      },
    )) as { auth?: { client_token?: unknown } }
    if (typeof auth?.client_token !== 'string') throw cannot(question, 'it gave no token')
    return auth.client_token
  }

  type Entry = Readonly<Record<string, unknown>>
  const readEntry = async ({ server, reference }: VaultQuestion, token: string): Promise<Entry> => {
    const url = `${server.address}/v1/${reference.mount}/data/${reference.path}`
    const answer = (await readObject(outbound, url, {
      ...limits,
      headers: headersOf(server, token),
    })) as { data?: { data?: Entry } }
    return answer.data?.data ?? {}
  }

  /** What is kept elsewhere is held to the rules of what is stored here. */
  const valueIn = (entry: Entry, question: VaultQuestion): string => {
    const { field } = question.reference
    if (!Object.hasOwn(entry, field)) throw cannot(question, `there is no field ${field}`)
    const value = entry[field]
    if (typeof value !== 'string') throw cannot(question, `its field ${field} is not text`)
    const { error } = SecretValue.safeParse(value)
    if (error) throw cannot(question, `its field ${field} ${error.issues[0]?.message}`)
    return value
  }

  const giveBack = (server: Server, token: string) =>
    outbound(`${server.address}/v1/auth/token/revoke-self`, {
      ...limits,
      method: 'POST',
      headers: headersOf(server, token),
    }).catch(() => undefined)

  return async (questions) => {
    const tokens = new Map<string, { server: Server; token: string }>()
    // Each is read once: fields that are changed together, a user and its password, are of one moment.
    const entries = new Map<string, Entry>()
    const values: string[] = []
    try {
      for (const question of questions) {
        const { server, claims } = question
        // The claims name the context: another context logs in by itself.
        const key = JSON.stringify([server.address, server.role, claims['context_id']])
        try {
          const known = tokens.get(key) ?? { server, token: await logIn(question) }
          tokens.set(key, known)
          const { mount, path } = question.reference
          const place = JSON.stringify([key, mount, path])
          const entry = entries.get(place) ?? (await readEntry(question, known.token))
          entries.set(place, entry)
          values.push(valueIn(entry, question))
        } catch (error) {
          if (error instanceof OutboundError) throw cannot(question, error.message)
          throw error
        }
      }
      return values
    } finally {
      await Promise.all([...tokens.values()].map(({ server, token }) => giveBack(server, token)))
    }
  }
}
