import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import { checkExpression } from '../../decision/expression.ts'
import { knownVariables } from '../../decision/expression-variables.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import type { Vault } from '../../vault/vault.ts'
import { withReason } from '../decisions/service.ts'
import { restrictionImpact } from './impact.ts'
import { contextOptions } from './options.ts'
import { addRestriction, removeRestriction, restrictionsOf } from './restrictions-service.ts'
import { referencesInto, secretsOf, versionsOf } from './secret-store.ts'
import {
  importSecrets,
  previewImport,
  referSecret,
  removeSecret,
  rollBack,
  secretAnswers,
  storeSecret,
  theSecret,
} from './secrets-service.ts'
import {
  answerOf,
  changeContext,
  createContext,
  federateContext,
  removeContext,
  theContext,
} from './service.ts'
import { listContexts, lockContext } from './store.ts'
import { tryRun } from './try-run.ts'

/** What the feature needs beside the transaction: the vault, and the policies as a transaction sees them. */
export interface ContextParts {
  readonly vault: Vault
  readonly policies: Pick<PolicyStore, 'current'>
}

export function contextHandlers({ vault, policies }: ContextParts): Handlers<'contexts'> {
  return {
    async list(scope, input) {
      const after = fromIdCursor(input.cursor, 2)
      const rows = await listContexts(scope.db, scope.reach('context:view'), input, after)
      const { shown, next } = pageOf(rows, input.limit, byName)
      return {
        items: shown.map((row) => answerOf(scope, row)),
        ...next,
      }
    },
    view: async (scope, input) => answerOf(scope, await theContext(scope, input.contextId)),
    create: createContext,
    update: changeContext,
    remove: removeContext,
    async secrets(scope, { contextId }) {
      const rows = await secretsOf(scope.db, contextId)
      return { items: await secretAnswers(scope, contextId, rows) }
    },
    store: (scope, input) => storeSecret(scope, vault, input),
    refer: (scope, input) => referSecret(scope, vault, input),
    federate: federateContext,
    removeSecret,
    async versions(scope, { contextId, name }) {
      const secret = await theSecret(scope, contextId, name)
      const rows = await versionsOf(scope.db, secret.id)
      return {
        items: rows.map((row) => ({
          version: row.version,
          token: row.token,
          how: row.how,
          fromVersion: row.fromVersion,
          createdAt: row.createdAt,
          createdBy:
            row.createdBy && row.createdByName
              ? { id: row.createdBy, name: row.createdByName }
              : null,
          current: row.version === secret.currentVersion,
        })),
      }
    },
    rollback: (scope, input) => rollBack(scope, vault, input),
    previewImport: (scope, input) => previewImport(scope, vault, input),
    importSecrets: (scope, input) => importSecrets(scope, vault, input),
    restrictions: async (scope, { contextId }) => {
      // First: a list that is newer than its version is told to be stale, an older one would not be.
      const { version } = await theContext(scope, contextId)
      return { items: await restrictionsOf(scope.db, contextId), version }
    },
    restrict: (scope, input) => {
      const { contextId, restriction, reason } = input
      const asking = {
        reason,
        opens: async (all: Scope) =>
          restrictionImpact(all, await policies.current(all.db), { contextId, restriction }),
        stands: (at: Scope) => theContext(at, contextId).then(({ version }) => version),
        // Its version moves with each restriction: added to what others leave of them, this one may open.
        lock: (inside: Scope) => lockContext(inside.db, contextId),
      }
      return withReason(scope, asking, (inside) => addRestriction(inside, input))
    },
    impact: async (scope, input) =>
      restrictionImpact(scope, await policies.current(scope.db), input),
    removeRestriction: (scope, input) => {
      const { contextId, restrictionId, reason } = input
      const stands = (at: Scope) => theContext(at, contextId).then(({ version }) => version)
      const asking = {
        reason,
        stands,
        // What is stale is refused for that, whatever it would open.
        opens: async (all: Scope) =>
          (await stands(all)) === all.expectedVersion
            ? restrictionImpact(all, await policies.current(all.db), { contextId, restrictionId })
            : 0,
      }
      return withReason(scope, asking, (inside) => removeRestriction(inside, input))
    },
    async checkExpression(_scope, { expression }) {
      const faults = checkExpression(expression).map(({ message, from, to }) => ({
        message,
        from,
        to,
      }))
      return { faults, variables: [...knownVariables] }
    },
    options: contextOptions,
    async references(scope, input) {
      const after = fromIdCursor(input.cursor, 3)
      const rows = await referencesInto(scope.db, scope.reach('context:view'), input, after)
      const { shown, next } = pageOf(rows, input.limit, ({ contextName, name, id }) => [
        contextName.toLowerCase(),
        name,
        id,
      ])
      return {
        items: shown.flatMap(({ id, contextId, contextName, name, reference, ...row }) =>
          reference
            ? [
                {
                  id,
                  context: { id: contextId, name: contextName },
                  name,
                  mount: reference.mount,
                  path: reference.path,
                  field: reference.field,
                  updatedAt: row.updatedAt,
                  lastUsedAt: row.lastUsedAt,
                },
              ]
            : [],
        ),
        ...next,
      }
    },
    tryRun: async (scope, input) => tryRun(scope, await policies.current(scope.db), input),
  }
}
