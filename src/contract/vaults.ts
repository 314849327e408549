import { z } from 'zod'
import { Id, line, Moment, Named, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

const VaultServer = z.strictObject({
  id: Id,
  name: z.string(),
  address: z.string(),
  namespace: z.string().nullable(),
  authPath: z.string(),
  role: z.string(),
  audience: z.string(),
  /** Secrets that are references into it. */
  secrets: z.int(),
  createdAt: Moment,
  createdBy: Named.nullable(),
  version: Version,
  allowed: z.array(Permission),
})

const path = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'must be a path without slashes at its ends')
    .refine((text) => !text.split('/').includes('..'), 'must not climb with ..')

const settings = {
  name: name(100),
  address: z
    .string()
    .max(300)
    .regex(/^https?:\/\/[^\s/?#]+$/, 'must be an origin, without a path'),
  namespace: path(200).nullable(),
  /** Where its JWT authentication method is mounted: `auth/<path>/login`. */
  authPath: path(100),
  role: line(100),
  /** The `aud` that its role is bound to. */
  audience: line(300),
}

/** Where in a KV version 2 engine a value is kept. */
export const SecretReference = z.strictObject({
  vaultId: Id,
  mount: path(100),
  path: path(300),
  field: line(100),
})
export type SecretReference = z.infer<typeof SecretReference>

/** A secret of a context that refers into a server. */
export const SecretReferring = SecretReference.omit({ vaultId: true }).extend({
  id: Id,
  context: Named,
  name: z.string(),
  updatedAt: Moment,
  lastUsedAt: Moment.nullable(),
})

export const vaults = noun({
  list: {
    method: 'GET',
    path: '/vaults',
    summary: 'Vault and OpenBao servers that secrets may refer into',
    may: 'vault:view',
    query: PageQuery,
    returns: page(VaultServer),
  },
  view: {
    method: 'GET',
    path: '/vaults/:vaultId',
    summary: 'One Vault or OpenBao server',
    may: 'vault:view',
    returns: VaultServer,
  },
  create: {
    method: 'POST',
    path: '/vaults',
    summary:
      'Name a Vault or OpenBao server; it is asked with federated tokens, no credential is stored',
    may: 'vault:create',
    stepUp: true,
    body: z.strictObject({
      ...settings,
      namespace: settings.namespace.default(null),
      authPath: settings.authPath.default('jwt'),
    }),
    returns: VaultServer,
  },
  update: {
    method: 'PATCH',
    path: '/vaults/:vaultId',
    summary: 'Change how a Vault or OpenBao server is asked',
    may: 'vault:update',
    on: 'vault',
    ifMatch: true,
    stepUp: true,
    body: z.strictObject(settings).partial(),
    returns: VaultServer,
  },
  remove: {
    method: 'DELETE',
    path: '/vaults/:vaultId',
    summary: 'Remove a Vault or OpenBao server that no secret refers into',
    may: 'vault:delete',
    on: 'vault',
    ifMatch: true,
    stepUp: true,
    returns: Nothing,
  },
})
