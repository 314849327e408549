import { useScratch } from '../../src/server/testing/scratch.ts'

/** Playwright's: one folder for the data of every server and browser. What it answers runs at the end. */
export default function setup(): () => void {
  return useScratch()
}
