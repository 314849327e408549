import { z } from 'zod'
import { line } from '../../../contract/id.ts'
import type { ImportLine, ImportResult } from '../../../contract/people.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { demandHoldingOfTeam } from '../grants/service.ts'
import { CsvError, parseCsv } from './csv.ts'
import { slugOf } from './sign-in.ts'

const columns = ['email', 'name', 'title', 'team', 'lead'] as const
type Column = (typeof columns)[number]
type Line = z.output<typeof ImportLine>

const Row = z.object({
  email: z.email().max(254),
  name: line(200),
  title: line(200).or(z.literal('')),
  team: line(100).or(z.literal('')),
  lead: z.enum(['', 'true', 'false', 'yes', 'no']).transform((word) => /^(true|yes)$/.test(word)),
})
type Row = z.output<typeof Row>

interface Step {
  readonly row: Row
  readonly personId: string
  readonly isNew: boolean
  readonly details: boolean
  readonly team?: { id: string; name: string; isNew: boolean }
  readonly membership?: 'add' | 'lead'
}

interface Plan {
  readonly steps: readonly Step[]
  readonly lines: readonly Line[]
}

function header(fields: readonly string[]): Map<Column, number> {
  const names = fields.map((field) => field.trim().toLowerCase())
  const unknown = names.find((name) => !columns.includes(name as Column))
  const missing = (['email', 'name'] as const).find((name) => !names.includes(name))
  if (unknown === undefined && !missing && new Set(names).size === names.length) {
    return new Map(names.map((name, index) => [name as Column, index]))
  }
  const message = `the first line must name the columns: ${columns.join(',')} (email and name at least)`
  throw problem('invalid_input', `\`csv\` ${message}.`, { fields: [{ path: 'csv', message }] })
}

/** Works out what an import comes to, without changing anything. */
async function planImport(db: Db, csv: string): Promise<Plan> {
  let records
  try {
    records = parseCsv(csv)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const message = `${error.message} (line ${error.line})`
    throw problem('invalid_input', `${message}.`, { fields: [{ path: 'csv', message }] })
  }
  const at = header(records[0]?.fields ?? [])
  const people = await db.selectFrom('person').select(['id', 'email', 'name', 'title']).execute()
  const byEmail = new Map(people.map((one) => [one.email.toLowerCase(), { ...one, isNew: false }]))
  const teams = await db.selectFrom('team').select(['id', 'name']).execute()
  const byName = new Map(teams.map((one) => [one.name.toLowerCase(), { ...one, isNew: false }]))
  const slugs = new Set(teams.map(({ name }) => slugOf(name)))
  const members = await db.selectFrom('teamMember').select(['teamId', 'personId', 'lead']).execute()
  const leads = new Map(members.map((one) => [`${one.teamId} ${one.personId}`, one.lead]))
  const steps: Step[] = []
  const lines: Line[] = []
  for (const record of records.slice(1)) {
    const given = Object.fromEntries(
      columns.map((name) => [name, record.fields[at.get(name) ?? -1]?.trim() ?? '']),
    )
    const said = { line: record.line, email: given['email'] ?? '', name: given['name'] ?? '' }
    const wrong = (says: string) => lines.push({ ...said, what: 'error', says })
    const parsed = Row.safeParse(given)
    if (record.fields.length !== at.size) {
      wrong(`has ${record.fields.length} fields where the first line has ${at.size}`)
      continue
    }
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      wrong(`${issue?.path.join('.')} ${issue?.message ?? 'is wrong'}`)
      continue
    }
    const row = parsed.data
    let person = byEmail.get(row.email.toLowerCase())
    const isNew = !person
    person ??= { id: newId(), email: row.email, name: row.name, title: row.title, isNew: true }
    const details = !isNew && (person.name !== row.name || person.title !== row.title)
    if (details && person.isNew) {
      wrong('names or titles the person otherwise than a line above')
      continue
    }
    let team = row.team ? byName.get(row.team.toLowerCase()) : undefined
    if (row.team && !team) {
      const slug = slugOf(row.team)
      if (!slug || slugs.has(slug)) {
        wrong(`team ${row.team} cannot be told from another by its address`)
        continue
      }
      slugs.add(slug)
      team = { id: newId(), name: row.team, isNew: true }
      byName.set(row.team.toLowerCase(), team)
    }
    byEmail.set(row.email.toLowerCase(), { ...person, name: row.name, title: row.title })
    const key = team && `${team.id} ${person.id}`
    const lead = key ? leads.get(key) : undefined
    const membership = !key
      ? undefined
      : lead === undefined
        ? 'add'
        : row.lead && !lead
          ? 'lead'
          : undefined
    if (key) leads.set(key, row.lead || lead === true)
    const changes = [
      ...(details ? ['name and title'] : []),
      ...(membership === 'add' ? [`joins ${row.team}${row.lead ? ' as lead' : ''}`] : []),
      ...(membership === 'lead' ? [`leads ${row.team}`] : []),
    ]
    const what = isNew ? 'added' : changes.length > 0 ? 'changed' : 'unchanged'
    lines.push({ ...said, what, says: changes.join(', ') })
    steps.push({
      row,
      personId: person.id,
      isNew,
      details,
      ...(team && { team: { ...team } }),
      ...(membership && { membership }),
    })
    if (team) team.isNew = false
  }
  return { steps, lines }
}

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
  for (const step of plan.steps) await carryOut(db, step)
  const result = told(plan)
  const { added, changed, unchanged } = result
  scope.record({ detail: { added, changed, unchanged } })
  return result
}

async function carryOut(db: Db, { row, personId, isNew, details, team, membership }: Step) {
  if (isNew) {
    const { email, name, title } = row
    await db
      .insertInto('person')
      .values({ id: personId, email, name, title, source: 'import' })
      .execute()
  } else if (details) {
    await db
      .updateTable('person')
      .set((set) => ({ name: row.name, title: row.title, version: set('version', '+', 1) }))
      .where('id', '=', personId)
      .execute()
  }
  if (team?.isNew) {
    const { id, name } = team
    await db
      .insertInto('team')
      .values({ id, name, slug: slugOf(name) })
      .execute()
  }
  if (team && membership === 'add') {
    await db
      .insertInto('teamMember')
      .values({ teamId: team.id, personId, lead: row.lead, source: 'import' })
      .execute()
  } else if (team && membership === 'lead') {
    await db
      .updateTable('teamMember')
      .set({ lead: true })
      .where('teamId', '=', team.id)
      .where('personId', '=', personId)
      .execute()
  }
}
