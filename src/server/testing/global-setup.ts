import { startTestServer } from './test-database.ts'

/** Vitest's: one database server for the whole run. What it answers runs at the end. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer()
  return () => server.stop()
}
