import { z } from 'zod'
import { line } from '../../../contract/id.ts'
import { name } from '../../../contract/name.ts'
import type { ImportLine } from '../../../contract/people.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { problem } from '../../http/problem.ts'
import { CsvError, parseCsv } from './csv.ts'
import { slugOf } from './sign-in.ts'

const columns = ['email', 'name', 'title', 'team', 'lead'] as const
type Column = (typeof columns)[number]
export type Line = z.output<typeof ImportLine>

const Row = z.object({
  email: z.email().max(254),
  name: name(200),
  title: line(200).or(z.literal('')),
  team: name(100).or(z.literal('')),
  lead: z.enum(['', 'true', 'false', 'yes', 'no']).transform((word) => /^(true|yes)$/.test(word)),
})
type Row = z.output<typeof Row>

export interface Step {
  readonly row: Row
  readonly personId: string
  readonly isNew: boolean
  readonly details: boolean
  readonly team?: { id: string; name: string; isNew: boolean }
  readonly membership?: 'add' | 'lead'
}

export interface Plan {
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
  throw faulty(
    `The first line must name the columns: ${columns.join(',')} (email and name at least)`,
  )
}

const faulty = (message: string) =>
  problem('invalid_input', `${message}.`, { fields: [{ path: 'csv', message }] })

/** Works out what an import comes to, without changing anything. A column that is absent says nothing of anybody. */
export async function planImport(db: Db, csv: string): Promise<Plan> {
  let records
  try {
    records = parseCsv(csv)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw faulty(`${error.message} (line ${error.line})`)
  }
  const at = header(records[0]?.fields ?? [])
  if (records.length < 2) throw faulty('There is no line below the first')
  const people = await db
    .selectFrom('person')
    .select(['id', 'email', 'name', 'title', 'state'])
    .execute()
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
    if (parsed.data.lead && !parsed.data.team) {
      wrong('lead needs a team')
      continue
    }
    let person = byEmail.get(parsed.data.email.toLowerCase())
    const isNew = !person
    const row = {
      ...parsed.data,
      title: at.has('title') ? parsed.data.title : (person?.title ?? ''),
    }
    const { email, name, title } = row
    person ??= { id: newId(), email, name, title, state: 'active', isNew: true }
    const details = !isNew && (person.name !== name || person.title !== title)
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
    byEmail.set(email.toLowerCase(), { ...person, name, title })
    const key = team && `${team.id} ${person.id}`
    const lead = key ? leads.get(key) : undefined
    const membership = !key
      ? undefined
      : lead === undefined
        ? 'add'
        : row.lead && !lead
          ? 'lead'
          : undefined
    if (membership && person.state === 'left') {
      wrong('has left: mark them as returned before they join a team')
      continue
    }
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
