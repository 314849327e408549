import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import { givenBy } from '../leases/service.ts'
import type { IssuerKeyring } from './keys.ts'
import { changeIssuer, createIssuer, issuerAnswer, removeIssuer, theIssuer } from './service.ts'
import { listIssuers, projectsOf } from './store.ts'

export function issuerHandlers({ keyring }: { keyring: IssuerKeyring }): Handlers<'issuers'> {
  return {
    async list(scope, input) {
      scope.reach('issuer:view')
      const rows = await listIssuers(scope.db, input, fromIdCursor(input.cursor, 2))
      const { shown, next } = pageOf(rows, input.limit, byName)
      return {
        items: shown.map((row) =>
          Object.assign(issuerAnswer(scope, row), { health: keyring.health(row.url) }),
        ),
        ...next,
      }
    },
    async view(scope, { issuerId }) {
      scope.reach('issuer:view')
      return issuerAnswer(scope, await theIssuer(scope, issuerId))
    },
    create: createIssuer,
    update: changeIssuer,
    remove: (scope, { issuerId }) => removeIssuer(scope, issuerId),
    async health(scope, { issuerId }) {
      scope.reach('issuer:view')
      return keyring.health((await theIssuer(scope, issuerId)).url)
    },
    async impact(scope, { issuerId }) {
      scope.reach('issuer:view')
      const row = await theIssuer(scope, issuerId)
      const { leases, live } = await givenBy(scope, { issuerId })
      const projects = await projectsOf(scope.db, scope.reach('trustRule:view'), issuerId)
      return { rules: row.rules ?? 0, projects, leases, live }
    },
    probe: (_scope, { url }) => keyring.probe(url),
  }
}
