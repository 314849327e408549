import { readdir, readFile } from 'node:fs/promises'
import { Client } from 'pg'

const folder = new URL('./migrations/', import.meta.url)
/** Any constant does, as long as every server of every version takes the same one. */
const lockKey = 5_270_113

interface Migration {
  readonly number: number
  readonly name: string
  readonly text: string
}

/** The migrations in `migrations/`, in order; refuses gaps and doubles. */
async function migrations(from: URL = folder): Promise<Migration[]> {
  const names = (await readdir(from)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort()
  const found = await Promise.all(
    names.map(async (name) => ({
      number: Number(name.slice(0, 4)),
      name: name.slice(0, -4),
      text: await readFile(new URL(name, from), 'utf8'),
    })),
  )
  const numbers = new Set(found.map(({ number }) => number))
  if (numbers.size !== found.length) throw new Error('two migrations carry the same number')
  return found
}

/**
 * Brings the database forward, one transaction a migration. Two servers that start at once meet on an advisory lock, and
 * the second finds nothing left to do. Refuses a database that a newer version has migrated.
 */
export async function migrate(
  url: string,
  progress: (name: string) => void = () => {},
  from?: URL,
): Promise<number> {
  const client = new Client({ connectionString: url, application_name: 'sallyport migrate' })
  // A connection that breaks refuses the next statement; unheard, it would end the process without a sentence.
  client.on('error', () => {})
  await client.connect().catch((error: Error) => {
    const { database, host, port } = client
    throw new Error(
      `The database ${database ?? ''} at ${host}:${port} cannot be used: ${error.message}.`,
      { cause: error },
    )
  })
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query(
      `create table if not exists schema_version (
        number int primary key, name text not null, applied_at timestamptz not null default now())`,
    )
    const { rows } = await client.query<{ number: number; name: string }>(
      'select number, name from schema_version',
    )
    const applied = new Set(rows.map(({ number }) => number))
    const all = await migrations(from)
    const newest = Math.max(0, ...all.map(({ number }) => number))
    const ahead = rows.find(({ number }) => number > newest)
    if (ahead) {
      throw new Error(
        `This database was migrated by a newer version (${ahead.name}). Start that version, or restore a backup.`,
      )
    }
    let count = 0
    for (const migration of all) {
      if (applied.has(migration.number)) continue
      progress(migration.name)
      await apply(client, migration)
      count++
    }
    return count
  } finally {
    await client.end()
  }
}

async function apply(client: Client, { number, name, text }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query('insert into schema_version (number, name) values ($1, $2)', [number, name])
    await client.query(text)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    // 42501: the roles that sessions take on are made by the first migration, for the whole server.
    if (number === 1 && (error as { code?: string }).code === '42501') {
      throw new Error(
        `The database's user may not create the roles sallyport_app and sallyport_sealer, or is no member of them. As an administrator of the server, once: create both roles (nologin), and grant them to this user.`,
        { cause: error },
      )
    }
    throw new Error(`migration ${name}: ${(error as Error).message}`, { cause: error })
  }
}
