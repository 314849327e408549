import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { accessPath, liveGrantsOf } from '../grants/service.ts'
import {
  changesSince,
  closedContexts,
  contextsByUse,
  decisionsByDay,
  endingGrants,
  firstSteps,
  idleAdministrators,
  leasesShownTwice,
  leaversWithGrants,
  liveLeases,
  newestRefusals,
  oldestSecrets,
  projectsOfTeams,
  recordState,
  triedPolicies,
} from './store.ts'

const day = 86_400_000
const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }

type Day = Awaited<ReturnType<typeof decisionsByDay>>[number]
const sum = (rows: readonly Day[]) => ({
  permitted: rows.reduce((total, row) => total + row.permitted, 0),
  would_deny: rows.reduce((total, row) => total + row.wouldDeny, 0),
  denied: rows.reduce((total, row) => total + row.denied, 0),
})

type ContextCount = Awaited<ReturnType<typeof contextsByUse>>[number]
const counted = (rows: readonly ContextCount[], wanted: ContextCount['by']) =>
  rows
    .filter(({ by }) => by === wanted)
    .map(({ id, name, permitted, wouldDeny: would_deny, denied }) => ({
      context: { id, name },
      permitted,
      would_deny,
      denied,
    }))

export const overviewHandlers: Handlers<'overview'> = {
  async view({ db, now }, { days }) {
    // Whole days, so that every number is the sum of the points that are shown.
    const tomorrow = Math.floor(now.getTime() / day) * day + day
    const [from, until] = [new Date(tomorrow - days * day), new Date(tomorrow)]
    const points = await decisionsByDay(db, from, until)
    const before = await decisionsByDay(db, new Date(from.getTime() - days * day), from)
    const secrets = await oldestSecrets(db)
    const idle = await idleAdministrators(db, builtInRoles.securityAdmin.id)
    const tried = await triedPolicies(db, from)
    const used = await contextsByUse(db, from)
    return {
      from,
      until,
      points: points.map(({ day: at, permitted, wouldDeny, denied }) => ({
        at,
        permitted,
        would_deny: wouldDeny,
        denied,
      })),
      totals: sum(points),
      before: sum(before),
      changes: await changesSince(db, new Date(tomorrow - 7 * day)),
      expiring: await endingGrants(db, 30),
      oldestSecrets: secrets.map(({ contextId, contextName, name, updatedAt, lastUsedAt }) => ({
        context: { id: contextId, name: contextName },
        name,
        updatedAt,
        lastUsedAt,
      })),
      mostUsed: counted(used, 'given'),
      mostRefused: counted(used, 'denied'),
      tried: tried.map(({ id, name, count }) => ({ policy: { id, name }, wouldDenials: count })),
      leases: { live: await liveLeases(db), shownTwice: await leasesShownTwice(db, from) },
      standing: {
        leavers: await leaversWithGrants(db),
        idleAdministrators: idle.map(({ id, name, seen }) => ({ id, name, lastSeenAt: seen })),
        closedContexts: await closedContexts(db),
      },
      firstSteps: await firstSteps(db),
    }
  },
  async home(scope) {
    const { db, actor, now } = scope
    const teams = actor.teams.map(({ id }) => id)
    const leads = actor.teams.filter(({ lead }) => lead).map(({ id }) => id)
    const grants = actor.personId ? await liveGrantsOf(db, everywhere, actor.personId, now) : []
    const weekAgo = new Date(now.getTime() - 7 * day)
    const projects = (await projectsOfTeams(db, teams, weekAgo)).filter(
      ({ id, name, segmentId }) =>
        scope.decide('decision:view', {
          kind: 'project',
          id,
          name,
          within: { project: id, segment: segmentId },
        }).outcome === 'permitted',
    )
    const seesGrants = scope.reach('grant:view').everywhere
    const seesRecord =
      scope.reach('audit:view').everywhere && scope.reach('decision:view').everywhere
    return {
      access: grants.map(accessPath),
      projects: projects.map(({ id, name, permitted, denied, refusal }) => ({
        project: { id, name },
        permitted,
        denied,
        lastRefusal: refusal && { ...refusal, at: new Date(refusal.at) },
      })),
      ending: seesGrants && leads.length > 0 ? await endingGrants(db, 30, leads) : [],
      ...(seesRecord && { record: await recordFor(scope) }),
    }
  },
}

async function recordFor({ db }: Scope) {
  const { events, signed, pending, signedAt } = await recordState(db)
  const refusals = await newestRefusals(db)
  return {
    events,
    signed,
    pending,
    signedAt,
    refusals: refusals.map(({ id, at, actorName, resourceName, sentence }) => ({
      id,
      at,
      actor: actorName,
      resource: resourceName,
      sentence,
    })),
  }
}
