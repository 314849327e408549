import { sql } from 'kysely'
import { ofFacts, ofFindings, ofObjects, row, type Check, type CheckRow } from './check.ts'
import { objects } from './objects.ts'

const contextList = { label: 'Contexts', opens: 'contexts' } as const

/** Secrets: how they are kept, how old they are, and where they lie. */
export const secretChecks: readonly Check[] = [
  {
    id: 'secrets-sealed',
    asks: 'Secrets that are stored here, and whether the stored bytes of each are an AES-256-GCM envelope of the known format under a key-encryption key that the vault has.',
    satisfy: 'Store the secret anew; what is not sealed was written past the product.',
    list: contextList,
    ask: ofObjects(
      {
        of: ['stored secret', 'stored secrets'],
        good: ['is sealed', 'are sealed'],
        bad: ['is not an envelope of the vault', 'are not envelopes of the vault'],
        none: 'No secret is stored yet.',
        strict: true,
      },
      // The format as vault/envelope.ts writes it: one byte, the key’s version in four, and at least 141 bytes in all.
      () => sql`
        select ${row({
          what: sql`'Secret'`,
          kind: sql`'context'`,
          id: sql`c.id`,
          name: sql`s.name || ' in ' || c.name`,
          good: sql`octet_length(v.sealed) >= 141 and get_byte(v.sealed, 0) = 1 and exists (
            select from vault_key k where k.purpose = 'kek' and k.version = ('x' || encode(substring(v.sealed from 2 for 4), 'hex'))::bit(32)::int)`,
          says: sql`'version ' || s.current_version || ', ' || octet_length(v.sealed) || ' bytes'`,
          at: sql`s.updated_at`,
        })} from secret s join context c on c.id = s.context_id
        join secret_version v on v.secret_id = s.id and v.version = s.current_version`,
    ),
  },
  {
    id: 'secrets-rotated',
    asks: 'Contexts with secrets, and whether a secret of each is older than its rotation age: 90 days in production, 180 elsewhere.',
    satisfy: 'Rotate the secrets that are named, at their source and here.',
    list: {
      label: 'Findings: secrets older than their rotation age',
      opens: 'findings',
      params: { detection: 'secrets-old' },
    },
    ask: ofFindings(
      {
        of: ['context with secrets', 'contexts with secrets'],
        good: ['has rotated all of them in time', 'have rotated all of them in time'],
        bad: ['has secrets that are too old', 'have secrets that are too old'],
        none: 'No secret is stored yet.',
      },
      ['secrets-old'],
      objects.contextsWithSecrets,
    ),
  },
  {
    id: 'secrets-not-shared',
    asks: 'Contexts with secrets, and whether a value of each stands in another context as well (by keyed fingerprint; nothing is opened).',
    satisfy: 'Give each context a credential of its own.',
    list: {
      label: 'Findings: the same secret in several contexts',
      opens: 'findings',
      params: { detection: 'secrets-shared' },
    },
    ask: ofFindings(
      {
        of: ['context with secrets', 'contexts with secrets'],
        good: ['has values of its own', 'have values of their own'],
        bad: ['shares a value with another', 'share a value with another'],
        none: 'No secret is stored yet.',
      },
      ['secrets-shared'],
      objects.contextsWithSecrets,
    ),
  },
  {
    id: 'secrets-needed',
    asks: 'Contexts with secrets, and whether each has secrets that no run ever took, or that no run may take.',
    satisfy: 'Revoke them at their source, then delete them here.',
    list: {
      label: 'Findings: secrets that were never used',
      opens: 'findings',
      params: { detection: 'secrets-unused' },
    },
    ask: ofFindings(
      {
        of: ['context with secrets', 'contexts with secrets'],
        good: ['keeps only what runs take', 'keep only what runs take'],
        bad: ['keeps secrets for nobody', 'keep secrets for nobody'],
        none: 'No secret is stored yet.',
      },
      ['secrets-unused', 'context-closed'],
      objects.contextsWithSecrets,
    ),
  },
  {
    id: 'secrets-federated',
    asks: 'Contexts with secrets, and whether each stores a credential of a cloud or tool that would take the run’s own short-lived token instead.',
    satisfy: 'Give the context a federated audience, and delete the stored credential.',
    list: {
      label: 'Findings: static credentials',
      opens: 'findings',
      params: { detection: 'secrets-static' },
    },
    ask: ofFindings(
      {
        of: ['context with secrets', 'contexts with secrets'],
        good: [
          'stores no credential that a token would replace',
          'store no credential that a token would replace',
        ],
        bad: ['stores such a credential', 'store such a credential'],
        none: 'No secret is stored yet.',
      },
      ['secrets-static'],
      objects.contextsWithSecrets,
    ),
  },
  {
    id: 'traffic-encrypted',
    asks: 'The addresses at which this server is reached and which it asks (its own, the identity provider, CI systems, Vault servers), and whether each begins with https. An address of this machine alone does not travel.',
    satisfy:
      'Put the server behind https, and give every CI system and Vault server its https address.',
    list: { label: 'Issuers', opens: 'issuers' },
    ask: async (db, { config }) => {
      const issuers = await db.selectFrom('issuer').select(['id', 'name', 'url']).execute()
      const vaults = await db.selectFrom('vaultServer').select(['id', 'name', 'address']).execute()
      return ofFacts(
        {
          of: ['address', 'addresses'],
          good: [
            'is encrypted on its way, or does not leave this machine',
            'are encrypted on their way, or do not leave this machine',
          ],
          bad: ['is not encrypted', 'are not encrypted'],
          none: 'There is no address.',
          strict: true,
        },
        [
          address('This server', config.publicUrl),
          address('The identity provider', config.oidc.issuer),
          ...issuers.map(({ id, name, url }) =>
            address(name, url, { what: 'Issuer', kind: 'issuer', id }),
          ),
          ...vaults.map(({ id, name, address: url }) =>
            address(name, url, { what: 'Vault server', kind: 'vault', id }),
          ),
        ],
      )
    },
  },
]

function address(
  name: string,
  url: string,
  of: Pick<CheckRow, 'what' | 'kind' | 'id'> = { what: 'Address' },
): CheckRow {
  const { protocol, hostname } = new URL(url)
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const says = protocol === 'https:' ? url : `${url}${here ? ' (this machine alone)' : ''}`
  return { ...of, name, says, good: protocol === 'https:' || here }
}
