import { sql } from 'kysely'
import type { ImportResult } from '../../../contract/people.ts'
import type { Db } from '../../db/connect.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { demandHoldingOfTeam } from '../grants/service.ts'
import { planImport, type Line, type Plan, type Step } from './import-plan.ts'
import { slugOf } from './sign-in.ts'

function told({ lines }: Plan): ImportResult {
  const count = (what: Line['what']) => lines.filter((one) => one.what === what).length
  return {
    added: count('added'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    errors: count('error'),
    lines: lines.filter(({ what }) => what !== 'unchanged').slice(0, 500),
  }
}

export const previewImport = async (db: Db, csv: string): Promise<ImportResult> =>
  told(await planImport(db, csv))

/** Imports every line, or none when one is wrong. Who joins a team gets its grants: the importer must hold them. */
export async function importPeople(scope: Scope, csv: string): Promise<ImportResult> {
  const { db } = scope
  const plan = await planImport(db, csv)
  const faults = plan.lines.filter(({ what }) => what === 'error').slice(0, 50)
  if (faults.length > 0) {
    const fields = faults.map((one) => ({ path: `csv.${one.line}`, message: one.says }))
    throw problem('invalid_input', `Line ${faults[0]?.line}: ${faults[0]?.says}.`, { fields })
  }
  const joined = new Set(
    plan.steps.flatMap(({ team, membership }) => (team && membership === 'add' ? [team.id] : [])),
  )
  for (const teamId of joined) await demandHoldingOfTeam(scope, teamId)
  await carryOut(db, plan.steps)
  const result = told(plan)
  const { added, changed, unchanged } = result
  scope.record({ detail: { added, changed, unchanged } })
  return result
}

/** Rows of one statement: a statement a line would take minutes where the database is a network away. */
const mostRows = 1_000

async function inBatches<T>(rows: readonly T[], write: (some: T[]) => Promise<unknown>) {
  for (let at = 0; at < rows.length; at += mostRows) await write(rows.slice(at, at + mostRows))
}

async function carryOut(db: Db, steps: readonly Step[]): Promise<void> {
  const people = steps
    .filter(({ isNew }) => isNew)
    .map(({ personId: id, row: { email, name, title } }) => {
      return { id, email, name, title, source: 'import' as const }
    })
  await inBatches(people, (some) => db.insertInto('person').values(some).execute())
  const changed = steps.filter(({ details }) => details)
  await inBatches(changed, (some) =>
    sql`
      update person set name = given.name, title = given.title, version = version + 1
      from unnest(${some.map(({ personId }) => personId)}::uuid[], ${some.map(({ row }) => row.name)}::text[],
        ${some.map(({ row }) => row.title)}::text[]) as given (id, name, title)
      where person.id = given.id`.execute(db),
  )
  const teams = steps.flatMap(({ team }) =>
    team?.isNew ? [{ id: team.id, name: team.name, slug: slugOf(team.name) }] : [],
  )
  await inBatches(teams, (some) => db.insertInto('team').values(some).execute())
  const members = steps.flatMap(({ team, personId, row: { lead }, membership }) =>
    team && membership === 'add'
      ? [{ teamId: team.id, personId, lead, source: 'import' as const }]
      : [],
  )
  await inBatches(members, (some) => db.insertInto('teamMember').values(some).execute())
  const leading = steps.flatMap(({ team, personId, membership }) =>
    team && membership === 'lead' ? [{ teamId: team.id, personId }] : [],
  )
  await inBatches(leading, (some) =>
    sql`
      update team_member m set lead = true
      from unnest(${some.map(({ teamId }) => teamId)}::uuid[],
        ${some.map(({ personId }) => personId)}::uuid[]) as given (team_id, person_id)
      where m.team_id = given.team_id and m.person_id = given.person_id`.execute(db),
  )
}
