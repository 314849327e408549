import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What looks at the whole server lies higher in the tree and takes longest: begun last, it would be waited for alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const depth = ({ moduleId }: TestSpecification) => moduleId.split('/').length
    return files.toSorted((one, other) => depth(one) - depth(other))
  }
}

/** Workers, their threads and the servers that tests start load the same code again and again: it is compiled once. */
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache')

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    pool: 'forks',
    // One more than the cores: much of a test is waiting for the database. Their files share a worker's modules, of which each would load the whole server anew.
    maxWorkers: 3,
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // A hang, not slowness: these machines are noisy, and no test is a timed one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    globalSetup: ['src/server/testing/global-setup.ts'],
  },
})
