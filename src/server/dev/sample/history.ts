import { randomBytes } from 'node:crypto'
import { changeProject } from '../../features/projects/service.ts'
import { storeSecret } from '../../features/contexts/secrets-service.ts'
import { changeContext } from '../../features/contexts/service.ts'
import { createGrant } from '../../features/grants/service.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Chance } from './chance.ts'
import { teams } from './cast.ts'
import { contexts } from './contexts.ts'
import type { Company } from './company.ts'
import type { Stage } from './stage.ts'

interface Parts {
  readonly stage: Stage
  readonly company: Company
  readonly vault: Vault
  readonly chance: Chance
  /** Of its own, so that what people and runs do stays the same. */
  readonly visiting: Chance
}

/** Who works in the console, and on how many days of five. Ben never does. */
const regulars: readonly (readonly [string, number])[] = [
  ['Ada Okafor', 0.95],
  ['Mirela Popescu', 0.6],
  ['Noor Haddad', 0.7],
  ['Lin Zhao', 0.8],
  ['Sam Rivera', 0.5],
  ['Grace Mbeki', 0.6],
  ['Freya Lund', 0.4],
  ['Marta Kowalska', 0.35],
  ['Samira Khalil', 0.3],
  ['Priya Raman', 0.3],
]

/** Left so many days ago, which nobody told Production. */
const leaver = 'Viktor Lindqvist'
const leftAgo = 35

/** Whoever has an account and never came: what the finding about dormant people is for. */
const neverCame = new Set([
  'Peter Novotny',
  'Ruth Cohen',
  'Tariq Rahman',
  'Ivan Horvat',
  'Ben Sørensen',
])
/** Everybody else looks in now and then: to see why a run was refused, to ask for access. */
const visitors = Object.values(teams)
  .flat()
  .filter((name) => !neverCame.has(name) && !regulars.some(([regular]) => regular === name))

const at = (day: Date, hour: number, minute: number) =>
  new Date(day.getTime() + (hour * 60 + minute) * 60_000)

/**
 * What people did on one day: they signed in, rotated secrets, granted, were refused. `ago` counts days until today.
 * Answers whether something was changed that runs are decided by.
 */
export async function playDay(parts: Parts, day: Date, ago: number, until: Date): Promise<boolean> {
  const { stage, chance, visiting } = parts
  const weekend = day.getUTCDay() === 0 || day.getUTCDay() === 6
  if (!weekend) {
    for (const [name, share] of regulars) {
      const when = at(day, 7, chance.between(0, 170))
      if (chance.happens(share) && when < until) await stage.signIn(name, when)
    }
    for (const name of visitors) {
      const when = at(day, 8, visiting.between(0, 480))
      const came = visiting.happens(0.08) && (name !== leaver || ago > leftAgo)
      if (came && when < until) await stage.signIn(name, when, visiting)
    }
    const rotated = at(day, 10, chance.between(0, 59))
    if (ago % 3 === 0 && rotated < until) await rotate(parts, rotated)
    const described = at(day, 11, chance.between(0, 59))
    if (ago % 7 === 4 && described < until) await describe(parts, described)
    const granted = at(day, 13, chance.between(0, 59))
    if (ago % 9 === 5 && granted < until) await grantForAWhile(parts, granted)
    const refused = at(day, 14, chance.between(0, 59))
    if (chance.happens(0.45) && refused < until) await tryWithoutPermission(parts, refused)
  }
  if (ago === leftAgo) await leave(parts, at(day, 16, 10))
  if (ago !== 21) return false
  await rename(parts, at(day, 9, 40))
  return true
}

const contextNamed = ({ company }: Parts, name: string) => {
  const id = company.contexts.get(name)
  if (!id) throw new Error(`the sample company has no context ${name}`)
  return { kind: 'context' as const, id, name, within: { context: id } }
}

/** Secrets that the team rotates; the others stay as old as they are. */
async function rotate(parts: Parts, when: Date): Promise<void> {
  const { stage, chance, vault } = parts
  const one = chance.pick(contexts.slice(0, 12))
  const name = chance.pick(one.secrets)
  const on = contextNamed(parts, one.name)
  await stage.act({
    by: chance.pick(['Ada Okafor', 'Mirela Popescu']),
    at: when,
    action: 'contexts.store',
    may: 'secret:store',
    on,
    work: async (scope) => {
      const value = randomBytes(24).toString('base64url')
      const { id } = await storeSecret(scope, vault, { contextId: on.id, name, value })
      await scope.db.updateTable('secret').set({ updatedAt: when }).where('id', '=', id).execute()
    },
  })
}

async function describe(parts: Parts, when: Date): Promise<void> {
  const { stage, chance } = parts
  const one = chance.pick(contexts)
  const on = contextNamed(parts, one.name)
  const { version } = await versionOf(parts, 'context', on.id, when)
  await stage.act({
    by: 'Grace Mbeki',
    at: when,
    action: 'contexts.update',
    may: 'context:update',
    on,
    version,
    work: (scope) =>
      changeContext(scope, {
        contextId: on.id,
        description: `${one.description} Reviewed on ${when.toISOString().slice(0, 10)}.`,
      }),
  })
}

/** Reads an object's version as whoever changes it would have seen it. */
async function versionOf(
  { stage }: Parts,
  table: 'context' | 'project' | 'person',
  id: string,
  when: Date,
): Promise<{ version: number }> {
  const found = await stage.read((db) =>
    db.selectFrom(table).select('version').where('id', '=', id).executeTakeFirst(),
  )
  if (!found) throw new Error(`no ${table} ${id} at ${when.toISOString()}`)
  return found
}

async function grantForAWhile({ stage, chance, company }: Parts, when: Date): Promise<void> {
  const name = chance.pick(['Yuki Mori', 'Chidi Eze', 'Kofi Mensah', 'Omar Farouk', 'David Kim'])
  const segment = chance.pick(['Staging', 'Sandbox', 'Build'])
  const [person, place] = [company.people.get(name), company.segments.get(segment)]
  if (!person || !place) return
  await stage.act({
    by: 'Mirela Popescu',
    at: when,
    action: 'grants.create',
    may: 'grant:create',
    work: (scope) =>
      createGrant(scope, {
        roleId: stage.roles.teamLead.id,
        subject: { kind: 'person', id: person },
        scope: { kind: 'segment', id: place },
        reason: 'Migration of the pipelines',
        expiresAt: new Date(when.getTime() + chance.between(14, 110) * 86_400_000).toISOString(),
      }),
  })
}

/** Somebody tries what they may not: the refusal is what the record keeps. */
async function tryWithoutPermission(parts: Parts, when: Date): Promise<void> {
  const { stage, chance } = parts
  const on = contextNamed(parts, chance.pick(contexts).name)
  const [action, may] = chance.pick([
    ['contexts.store', 'secret:store'],
    ['contexts.restrict', 'context:restrict'],
    ['grants.create', 'grant:create'],
    ['audit.export', 'audit:export'],
  ] as const)
  await stage.act({
    by: chance.pick(['Sam Rivera', 'Jonas Keller', 'Nils Haugen', 'Pedro Alves', 'Leon Fischer']),
    at: when,
    action,
    may,
    on,
    work: async () => {
      throw new Error('a developer was permitted what the story says is refused')
    },
  })
}

/** Viktor leaves; his direct grant on Production stays. */
async function leave(parts: Parts, when: Date): Promise<void> {
  const { stage, company } = parts
  const id = company.people.get(leaver) ?? ''
  await stage.act({
    by: 'Ada Okafor',
    at: when,
    action: 'people.update',
    may: 'person:update',
    on: { kind: 'person', id, name: leaver, within: {} },
    work: async (scope) => {
      const { db } = scope
      await db
        .updateTable('person')
        .set((set) => ({ state: 'left', leftAt: when, version: set('version', '+', 1) }))
        .where('id', '=', id)
        .execute()
      scope.record({ before: { state: 'active' }, after: { state: 'left' } })
    },
  })
}

/** The checkout is renamed at its CI system; a context still names the old slug, and every deploy since is refused. */
async function rename(parts: Parts, when: Date): Promise<void> {
  const { stage, company } = parts
  const id = company.projects.get('checkout-api') ?? ''
  const { version } = await versionOf(parts, 'project', id, when)
  await stage.act({
    by: 'Lin Zhao',
    at: when,
    action: 'projects.update',
    may: 'project:update',
    on: {
      kind: 'project',
      id,
      name: 'checkout-api',
      within: { project: id, segment: company.segments.get('Production') ?? '' },
    },
    version,
    work: (scope) =>
      changeProject(scope, {
        projectId: id,
        name: 'checkout-service',
        slug: 'meridian/checkout-service',
        repository: 'github.com/meridian/checkout-service',
      }),
  })
}
