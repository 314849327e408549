import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import { changeVault, createVault, removeVault, theVault, vaultAnswer } from './service.ts'
import { listVaults } from './store.ts'

export const vaultHandlers: Handlers<'vaults'> = {
  async list(scope, input) {
    scope.reach('vault:view')
    const rows = await listVaults(scope.db, input, fromIdCursor(input.cursor, 2))
    const { shown, next } = pageOf(rows, input.limit, byName)
    return {
      items: shown.map((row) => vaultAnswer(scope, row)),
      ...next,
    }
  },
  async view(scope, { vaultId }) {
    scope.reach('vault:view')
    return vaultAnswer(scope, await theVault(scope, vaultId))
  },
  create: createVault,
  update: changeVault,
  remove: (scope, { vaultId }) => removeVault(scope, vaultId),
}
