import { useScratch } from './scratch.ts'
import { startTestServer } from './test-database.ts'

/** Vitest's: one folder and one database server for the whole run. What it answers runs at the end. */
export default async function setup(): Promise<() => Promise<void>> {
  const remove = useScratch()
  const server = await startTestServer()
  return async () => {
    await server.stop()
    remove()
  }
}
