import type { ControlState } from '../../../contract/compliance.ts'
import { frameworks } from '../../../contract/control-refs.ts'
import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { organization } from '../../decision/organization.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { findingsTouching, seenBy } from '../findings/service.ts'
import { personNamed } from '../people/service.ts'
import { checks, controlOf, controls, type CataloguedControl } from './catalogue.ts'
import type { Answer, Check, CheckRow } from './check.ts'
import { askAll, judge, type Answers } from './judge.ts'
import {
  daysOf,
  keptControl,
  keptControls,
  lookedAt,
  putControl,
  turnsOf,
  untold,
  writeTurns,
  type KeptControl,
} from './store.ts'
import { trailOf } from './trail.ts'

export { complianceFile } from './file.ts'
export { keepControls } from './keeper.ts'

type Row = AnswerOf<'compliance.list'>['items'][number]
type Detail = AnswerOf<'compliance.view'>

const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)

/** Who may not see such an object is not told of it by a check either. */
const rowSeenBy: Readonly<Record<string, Permission>> = {
  ...seenBy,
  request: 'request:view',
  review: 'review:view',
  decision: 'decision:view',
  vault: 'vault:view',
  audit: 'audit:view',
  finding: 'finding:view',
}

export const settingOf = ({ now, config }: Pick<Scope, 'now' | 'config'>) => ({ now, config })

/** A control as a list shows it, but for what the reader may do with it. */
function rowAnswer(
  control: CataloguedControl,
  kept: KeptControl,
  answers: Answers,
): Omit<Row, 'allowed'> {
  const { id, framework, ref, title } = control
  return {
    id,
    framework,
    ref,
    title,
    ...judge(control, answers),
    owner: named(kept.ownerId, kept.ownerName),
    trail: trailOf([control]) ?? null,
    version: kept.version,
  }
}

/** `compliance:*` is asked on the organization alone. */
export const allowedWith = (scope: Scope): Row['allowed'] =>
  scope.allowed(organization).filter((may) => may.startsWith('compliance:'))

/** A control, what somebody said of it, and what live data says. */
export interface Standing {
  readonly control: CataloguedControl
  readonly kept: KeptControl
  readonly row: Omit<Row, 'allowed'>
  readonly answers: Answers
}

/** Every control as it is now, or as its checks were answered before; each check is asked once. */
export async function standings(
  scope: Pick<Scope, 'db' | 'now' | 'config'>,
  before?: Answers,
): Promise<Standing[]> {
  const kept = await keptControls(scope.db)
  const answers = before ?? (await askAll(scope.db, checks, settingOf(scope)))
  return controls.map((control) => {
    const told = kept.get(control.id) ?? untold(control.id)
    return { control, kept: told, row: rowAnswer(control, told, answers), answers }
  })
}

export const chosen = (
  all: readonly Standing[],
  { framework, state, ownerId }: InputOf<'compliance.export'>,
): Standing[] =>
  all.filter(
    ({ row }) =>
      (!framework || row.framework === framework) &&
      (!state || row.state === state) &&
      (!ownerId || row.owner?.id === ownerId),
  )

/** How many of each framework are in which state. */
export const counted = (all: readonly Standing[]): AnswerOf<'compliance.list'>['frameworks'] =>
  frameworks.map(({ id, name }) => {
    const own = all.filter(({ row }) => row.framework === id)
    const of = (state: ControlState) => own.filter(({ row }) => row.state === state).length
    return {
      id,
      name,
      met: of('met'),
      partly: of('partly'),
      not_met: of('not_met'),
      not_measurable: of('not_measurable'),
      trail: trailOf(own.map(({ control }) => control)) ?? null,
    }
  })

function theControl(id: string): CataloguedControl {
  const control = controlOf(id)
  if (!control) throw problem('not_found', 'There is no such control.')
  return control
}

export function checkAnswer(
  scope: Pick<Scope, 'reach'>,
  check: Check,
  answer: Answer,
): Detail['checks'][number] {
  const { id, asks, satisfy, list } = check
  const seen = ({ kind }: CheckRow) => {
    const may = kind === undefined ? undefined : rowSeenBy[kind]
    return may === undefined || scope.reach(may).everywhere
  }
  const rows = answer.rows.filter(seen)
  return {
    id,
    asks,
    state: answer.state,
    says: answer.says,
    rows: rows.map(({ what, name, kind, id: of, says, at, good }) => ({
      what,
      name,
      good,
      ...(kind && { kind }),
      ...(of && { id: of }),
      ...(says && { says }),
      // The database writes a time into JSON with a zone of its own form.
      ...(at && { at: new Date(at) }),
    })),
    more: answer.more,
    hidden: answer.rows.length - rows.length,
    satisfy,
    list: list
      ? {
          label: list.label,
          opens: list.opens,
          params: Object.entries(list.params ?? {}).map(([name, value]) => ({ name, value })),
        }
      : null,
  }
}

const findingsShown = 10

export async function viewControl(scope: Scope, id: string): Promise<Detail> {
  const control = theControl(id)
  const { db } = scope
  const answers = await askAll(db, control.asked, settingOf(scope))
  const kept = await keptControl(db, id)
  const touching = await findingsTouching(scope, control.ref, findingsShown)
  return {
    ...rowAnswer(control, kept, answers),
    allowed: allowedWith(scope),
    frameworkName: control.frameworkName,
    summary: control.summary,
    speaks: control.speaks,
    beyond: control.beyond ?? null,
    checks: control.asked.flatMap((check) => {
      const answer = answers.get(check.id)
      return answer ? [checkAnswer(scope, check, answer)] : []
    }),
    note: kept.note,
    findings: touching.rows,
    moreFindings: touching.more,
    days: await daysOf(db, id),
    history: (await turnsOf(db, id)).map((turn) => ({
      at: turn.at,
      what: turn.what,
      state: turn.state,
      says: turn.says,
      owner: named(turn.ownerId, turn.ownerName),
      by: named(turn.byId, turn.byName),
    })),
    recordedAt: await lookedAt(db),
  }
}

export async function updateControl(
  scope: Scope,
  { controlId, ownerId, note }: InputOf<'compliance.update'>,
): Promise<Detail> {
  const control = theControl(controlId)
  const { db, now, actor, expectedVersion = 0 } = scope
  const before = await keptControl(db, controlId)
  const owner = ownerId ? await personNamed(scope, 'ownerId', ownerId) : undefined
  const after = {
    id: controlId,
    ownerId: ownerId === undefined ? before.ownerId : ownerId,
    note: note ?? before.note,
    version: expectedVersion,
  }
  const same = before.version === expectedVersion
  if (!same || !(await putControl(db, after))) {
    const { ownerId: who, note: was, version } = same ? await keptControl(db, controlId) : before
    throw problem('stale', 'Somebody changed this control meanwhile. Look again.', {
      current: { ownerId: who, note: was, version },
    })
  }
  const common = { controlId, at: now, byId: actor.personId ?? null }
  await writeTurns(db, [
    ...(after.ownerId === before.ownerId
      ? []
      : [{ ...common, what: 'owner' as const, ownerId: after.ownerId }]),
    ...(after.note === before.note ? [] : [{ ...common, what: 'note' as const, says: after.note }]),
  ])
  scope.record({
    resource: { kind: 'control', id: controlId, name: `${control.ref} ${control.title}` },
    before: { owner: before.ownerName, note: before.note },
    after: {
      owner: owner ? owner.name : ownerId === null ? null : before.ownerName,
      note: after.note,
    },
  })
  return viewControl(scope, controlId)
}

/** Controls of whose number, title or framework every word is a part: for the search of everything. */
export function controlsNamed(q: string, most: number) {
  const words = q.toLowerCase().split(/\s+/)
  return controls
    .filter(({ ref, title, frameworkName }) => {
      const text = `${ref} ${title} ${frameworkName}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .slice(0, most)
    .map(({ id, ref, title }) => ({ id, name: `${ref} ${title}` }))
}
