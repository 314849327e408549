import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { ResourceKind } from '../contract/operation.ts'
import type { Config } from './config.ts'
import { connect, type Database, type Db } from './db/connect.ts'
import { newId } from './db/new-id.ts'
import { createCedar } from './decision/cedar.ts'
import { rolesWith } from './decision/roles-with.ts'
import { createDraftHost } from './decision/draft-host.ts'
import { createPolicyStore } from './decision/policy-store.ts'
import type { ResourceLoader } from './decision/types.ts'
import { apiTokenHandlers } from './features/api-tokens/routes.ts'
import { apiTokenResource } from './features/api-tokens/service.ts'
import { auditHandlers } from './features/audit/routes.ts'
import { verifierKey } from './features/audit/service.ts'
import { auditViewHandlers } from './features/audit/views.ts'
import { complianceHandlers } from './features/compliance/routes.ts'
import { contextHandlers } from './features/contexts/routes.ts'
import { contextResource } from './features/contexts/service.ts'
import { vaultKeys } from './features/contexts/vault-keys.ts'
import { decisionHandlers } from './features/decisions/routes.ts'
import { exportHandlers } from './features/exports/routes.ts'
import { createExportRunner, expireExports, type ExportRunner } from './features/exports/service.ts'
import { federationHandlers } from './features/federation/routes.ts'
import { openFederation } from './features/federation/keys.ts'
import { findingHandlers } from './features/findings/routes.ts'
import { findingResource, type FindingRunner } from './features/findings/service.ts'
import { grantHandlers } from './features/grants/routes.ts'
import { grantResource } from './features/grants/service.ts'
import { inboxHandlers } from './features/inbox/routes.ts'
import { createKeyring } from './features/issuers/keys.ts'
import { issuerHandlers } from './features/issuers/routes.ts'
import { issuerResource } from './features/issuers/service.ts'
import { createGateStore } from './features/leases/gate.ts'
import { leaseHandlers } from './features/leases/routes.ts'
import { leaseResource } from './features/leases/service.ts'
import { meHandlers } from './features/me/routes.ts'
import { overviewHandlers } from './features/overview/routes.ts'
import { peopleHandlers } from './features/people/routes.ts'
import { personResource } from './features/people/service.ts'
import { forgetConfigs } from './features/pipelines/retention.ts'
import { pipelineHandlers } from './features/pipelines/routes.ts'
import { policyHandlers } from './features/policies/routes.ts'
import { policyResource } from './features/policies/service.ts'
import { policyTestHandlers } from './features/policies/tests.ts'
import { projectHandlers } from './features/projects/routes.ts'
import { projectResource } from './features/projects/service.ts'
import { replayHandlers } from './features/replays/routes.ts'
import { createReplayRunner, type ReplayRunner } from './features/replays/service.ts'
import { requestHandlers } from './features/requests/routes.ts'
import { exceptionHandlers } from './features/exceptions/routes.ts'
import { keepExceptionsTime } from './features/exceptions/service.ts'
import { keepRequestsTime } from './features/requests/service.ts'
import { reviewHandlers } from './features/reviews/routes.ts'
import {
  createReviewRunner,
  keepReviewsTime,
  reviewResource,
  type ReviewRunner,
} from './features/reviews/service.ts'
import { riskHandlers } from './features/risk/routes.ts'
import { roleHandlers } from './features/roles/routes.ts'
import { roleResource } from './features/roles/service.ts'
import { scoreHandlers } from './features/scores/routes.ts'
import { searchHandlers } from './features/search/routes.ts'
import { reachHandlers } from './features/reach/routes.ts'
import { segmentHandlers } from './features/segments/routes.ts'
import { segmentResource } from './features/segments/service.ts'
import { sessionHandlers } from './features/sessions/routes.ts'
import { expireSessions, sessionResource } from './features/sessions/service.ts'
import { systemHandlers } from './features/system/routes.ts'
import { teamHandlers } from './features/teams/routes.ts'
import { teamResource } from './features/teams/service.ts'
import { noncesOf } from './http/authenticate/nonce.ts'
import { seenHere, seenInDatabase } from './http/authenticate/seen.ts'
import { serveConsole } from './http/console-files.ts'
import { demandDeclarations, type DeclaredRoute } from './http/declared.ts'
import { serveDocs } from './http/docs.ts'
import { createInTheirName } from './http/in-their-name.ts'
import { createLimits, rateLimits, type RateLimits } from './http/limits.ts'
import { serveReports } from './http/reports.ts'
import { serveHealth } from './http/health.ts'
import { serveWellKnown } from './http/well-known.ts'
import { serveOperations } from './http/serve.ts'
import { cleanUp, keepClean } from './jobs/clean-up.ts'
import { guardWire, headLimits, timeouts, unrouted, type Timeouts } from './http/wire.ts'
import { watchBacklog } from './ledger/backlog.ts'
import { openLedger, type Ledger } from './ledger/ledger.ts'
import { signingKeyOf } from './ledger/signing-key.ts'
import { watchSize } from './ledger/size.ts'
import { keeperOf } from './keeper.ts'
import { lastUses } from './last-uses.ts'
import { watchRisk } from './watch-risk.ts'
import { createOutbound } from './outbound.ts'
import { trustRuleHandlers } from './features/trust-rules/routes.ts'
import { trustRuleResource } from './features/trust-rules/service.ts'
import { vaultHandlers } from './features/vaults/routes.ts'
import { createVaultReader, vaultResource } from './features/vaults/service.ts'
import { admitToken, untrusted } from './pipelines/ci-token.ts'
import { IssuerKeys, staleFor } from './tokens/jwks.ts'
import { createConfigReader } from './pipelines/config-reader.ts'
import { masterKeyProvider } from './vault/key-wrap.ts'
import { masterKeyOf } from './vault/master-key.ts'
import { openVault, type Vault } from './vault/vault.ts'

export interface AppParts {
  readonly config: Config
  /** The database as its owner, migrated. */
  readonly databaseUrl: string
  readonly log: Logger
  /** The built console; absent where only the API is wanted. */
  readonly consoleFolder?: string
  /** Other limits than the default ones of C8. */
  readonly limits?: RateLimits
  /** Other times than the default ones of C8. */
  readonly timeouts?: Partial<Timeouts>
  /** Nothing that the clock brings about is done by itself: whoever turns the clock does it by hand, and knows when it is done. */
  readonly clockByHand?: boolean
}

export interface App {
  readonly fastify: FastifyInstance
  /** Every address there is, and what guards it. */
  readonly routes: readonly DeclaredRoute[]
  readonly db: Database
  readonly ledger: Ledger
  readonly vault: Vault
  /** Makes what reads untrusted text quick before anybody waits for it. */
  warm(): Promise<void>
  readonly replays: ReplayRunner
  readonly exports: ExportRunner
  /** Looks for findings once it is started. */
  readonly findings: FindingRunner
  /** Ends what reviews were signed off to end. */
  readonly reviews: ReviewRunner
  /** Answers what is under way, then closes; the record is settled and signed. */
  close(): Promise<void>
}

/** The identity provider is named by whoever runs the server, who may keep it anywhere. */
const operatorsOwn = { loopbackHttp: true, privateRanges: ['0.0.0.0/0', '::/0'] }

const resources: Partial<Record<ResourceKind, ResourceLoader<Db>>> = {
  apiToken: apiTokenResource,
  context: contextResource,
  finding: findingResource,
  grant: grantResource,
  issuer: issuerResource,
  lease: leaseResource,
  person: personResource,
  policy: policyResource,
  project: projectResource,
  review: reviewResource,
  role: roleResource,
  segment: segmentResource,
  session: sessionResource,
  team: teamResource,
  trustRule: trustRuleResource,
  vault: vaultResource,
}

/** The composition root: every part is wired here, visibly. Built apart from listening, so that tests can ask it directly. */
export async function openApp(parts: AppParts): Promise<App> {
  const { config, databaseUrl, log, consoleFolder } = parts
  const onError = (error: Error) => log.error({ err: error }, 'database connection')
  const db = connect(databaseUrl, { role: 'sallyport_app', max: 16, onError })
  // A connection of its own: how far the record is behind must be known above all when every other is taken.
  const watchDb = connect(databaseUrl, { role: 'sallyport_app', max: 1, onError })
  const sealerDb = connect(databaseUrl, {
    role: 'sallyport_sealer',
    max: 2,
    statementTimeoutMs: 30_000,
    onError,
  })
  const masterKey = masterKeyOf(config)
  const nonces = noncesOf(masterKey)
  const signingKey = signingKeyOf(masterKey)
  const provider = masterKeyProvider(masterKey)
  const vault = await openVault(provider, vaultKeys(db))
  const ledger = await openLedger({
    db: sealerDb,
    key: signingKey,
    origin: `${new URL(config.publicUrl).host}/sallyport`,
    dataDir: config.dataDir,
    onError: (error) => log.error({ err: error }, 'sealer'),
  })
  const cedar = createCedar((message, error) => log.error({ err: error }, `policies: ${message}`))
  const policies = createPolicyStore(cedar)
  const drafts = createDraftHost()
  const reader = createConfigReader()
  const failed = (what: string) => (error: unknown) => log.error({ err: error }, what)
  const replays = createReplayRunner({ db, databaseUrl, onError: failed('replay') })
  // What reads everything may take its time, and keeps no request from its connection.
  const findingsDb = connect(databaseUrl, {
    role: 'sallyport_app',
    max: 2,
    statementTimeoutMs: 60_000,
    onError,
  })
  const findings = watchRisk({ db: findingsDb, config, onError: failed('findings') })
  const reviews = createReviewRunner({
    db,
    inTheirName: createInTheirName({ config, db, policies, rolesWith }),
    onError: failed('reviews'),
  })
  const page = consoleFolder && join(consoleFolder, 'verifier.html')
  const verifierPage = page && existsSync(page) ? readFileSync(page, 'utf8') : undefined
  const exportsDb = connect(databaseUrl, {
    role: 'sallyport_app',
    max: 2,
    statementTimeoutMs: 30_000,
    onError,
  })
  const exports = createExportRunner({
    db: exportsDb,
    policies,
    config,
    keys: async () => ({
      key: signingKey,
      verifierKey: await verifierKey(config.dataDir),
      verifierPage,
    }),
    onError: failed('exports'),
  })
  const keys = new IssuerKeys({
    issuer: config.oidc.issuer,
    outbound: createOutbound(operatorsOwn),
    staleForMs: staleFor.people,
    onChange: (kids) => log.info({ kids }, 'signing keys of the identity provider'),
    onFailure: (error) => log.warn({ err: error }, 'the identity provider cannot be asked'),
  })
  const outbound = createOutbound({
    loopbackHttp: config.mode === 'evaluation',
    privateRanges: config.outboundPrivate,
  })
  const federation = await openFederation({ db, provider, issuer: config.publicUrl })
  const readVaults = createVaultReader(outbound, federation)
  const gate = createGateStore()
  const keyring = createKeyring({
    db,
    known: (url) => gate.known?.issuer(url),
    outbound,
    onFailure: (issuer, error) => log.warn({ err: error, issuer }, 'a CI system cannot be asked'),
  })
  const { headersMs, requestMs, checkMs, standingMs } = { ...timeouts, ...parts.timeouts }
  const fastify = Fastify({
    genReqId: () => newId(),
    // As many proxies as configured may say whom they forward; none by default (ASVS 15.3.4).
    trustProxy: (_address: string, hop: number) => hop < config.trustedProxies,
    bodyLimit: 1024 * 1024,
    requestTimeout: requestMs,
    ...unrouted(config.publicUrl),
    exposeHeadRoutes: false,
    logger: false,
    forceCloseConnections: 'idle',
    http: {
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: headLimits.bytes,
    },
  })
  const routes = demandDeclarations(fastify)
  const chores = [
    { everyMs: 10 * 60_000, run: () => cleanUp(db) },
    { everyMs: 60_000, run: () => expireSessions(db, config.session) },
    { everyMs: 15_000, run: () => keepRequestsTime(db) },
    { everyMs: 15_000, run: () => keepExceptionsTime(db) },
    { everyMs: 60_000, run: () => expireExports(exportsDb) },
    { everyMs: 60 * 60_000, run: () => forgetConfigs(db) },
    { everyMs: 15_000, run: () => keepReviewsTime(db) },
  ]
  const stopCleaning = keepClean(parts.clockByHand ? [] : chores, (error) =>
    log.warn({ err: error }, 'clean-up'),
  )
  const uses = lastUses(db, (error) => log.warn({ err: error }, 'last use'))
  const limits = createLimits(parts.limits ?? rateLimits)
  let closing = false
  const { metricsToken } = config
  const backlog = watchBacklog(watchDb)
  const size = watchSize(watchDb)
  await backlog.measure()
  const health = { backlog, closing: () => closing, ...(metricsToken && { metricsToken }) }
  const { registry } = serveHealth(fastify, health)
  serveReports(fastify, { registry, limits, log })
  serveDocs(fastify)
  serveWellKnown(fastify, federation)
  guardWire(fastify)
  const { endStreams } = serveOperations(
    fastify,
    {
      config,
      db,
      authenticate: {
        keys,
        audience: config.oidc.audience,
        publicUrl: config.publicUrl,
        seenEverywhere: seenInDatabase(db),
        seenHere: seenHere(),
        nonces,
      },
      ciTokens: {
        verify: (token) => keyring.verify(token),
        async admit(transaction, signed) {
          const issuer = (await gate.at(transaction)).issuer(signed.issuerUrl)
          if (!issuer) throw untrusted(signed.issuerUrl)
          return admitToken(signed, issuer, transaction.now)
        },
      },
      keeper: keeperOf(config.session),
      standingMs,
      policies,
      limits,
      backlog,
      resources,
      rolesWith,
      onUse: uses.note,
      onError: (error, requestId) => log.error({ err: error, requestId }, 'request failed'),
    },
    {
      apiTokens: apiTokenHandlers,
      audit: auditHandlers({ key: signingKey, size, verifierPage }),
      auditViews: auditViewHandlers,
      compliance: complianceHandlers(),
      contexts: contextHandlers({ vault, policies }),
      decisions: decisionHandlers,
      exports: exportHandlers(exports),
      grants: grantHandlers,
      inbox: inboxHandlers({ size }),
      issuers: issuerHandlers({ keyring }),
      federation: federationHandlers({ provider }),
      findings: findingHandlers,
      leases: leaseHandlers({ vault, policies, gate, federation, readVaults }),
      me: meHandlers,
      overview: overviewHandlers,
      people: peopleHandlers,
      pipelines: pipelineHandlers({ reader, policies }),
      policies: policyHandlers({ drafts, replays }),
      policyTests: policyTestHandlers({ drafts }),
      projects: projectHandlers,
      replays: replayHandlers(replays),
      requests: requestHandlers,
      exceptions: exceptionHandlers({ policies }),
      reviews: reviewHandlers(reviews, { key: signingKey, verifierPage }),
      risk: riskHandlers,
      roles: roleHandlers,
      scores: scoreHandlers,
      search: searchHandlers,
      reach: reachHandlers({ policies }),
      segments: segmentHandlers({ policies }),
      sessions: sessionHandlers,
      system: systemHandlers,
      teams: teamHandlers,
      trustRules: trustRuleHandlers,
      vaults: vaultHandlers,
    },
  )
  if (consoleFolder) await serveConsole(fastify, { config, nonces, folder: join(consoleFolder) })
  await fastify.ready()
  return {
    fastify,
    routes,
    db,
    ledger,
    vault,
    warm: () => reader.warm(),
    replays,
    exports,
    findings,
    reviews,
    async close() {
      closing = true
      endStreams()
      stopCleaning()
      // A connection whose stream ends after the others were closed would be kept for 72 seconds.
      const letGo = setInterval(() => fastify.server.closeIdleConnections(), 50)
      await fastify.close().finally(() => clearInterval(letGo))
      await drafts.close()
      await reader.close()
      await replays.close()
      await exports.close()
      await findings.close()
      await reviews.close()
      await uses.settle()
      await ledger.stop()
      await db.destroy()
      await sealerDb.destroy()
      await findingsDb.destroy()
      await exportsDb.destroy()
      await watchDb.destroy()
    },
  }
}
