import { schemaText } from './cedar.ts'
import { createEngineThread } from './engine-thread.ts'
import { brokenLimit } from '../../contract/policy-limits.ts'
import type { PolicyCheck } from '../../contract/policies.ts'
import type { TestAsked } from '../../contract/policy-test-run.ts'
import type { TestVerdict } from '../../contract/policy-tests.ts'

interface Drafted {
  readonly check: PolicyCheck
  readonly verdicts: readonly TestVerdict[]
}

export interface DraftHost {
  /** Never rejects: text that stops the engine, or takes too long, is a text with an error. */
  check(text: string): Promise<PolicyCheck>
  /** What the text says to each test; never rejects either: what stops the engine passes no test. */
  test(text: string, tests: readonly TestAsked[]): Promise<readonly TestVerdict[]>
  close(): Promise<void>
}

interface Asked {
  readonly text: string
  readonly tests: readonly TestAsked[]
}

const refusal = ({ text, tests }: Asked, message: string): Drafted => ({
  check: {
    problems: [{ severity: 'error', message, from: 0, to: text.length }],
    actions: [],
    valid: false,
  },
  verdicts: tests.map(({ id }) => ({
    testId: id,
    verdict: 'error',
    passes: false,
    reasons: [message],
  })),
})

const said = {
  late: 'Checking this policy took too long. Make it simpler.',
  died: 'The policy engine could not read this text. Make it simpler.',
  closed: 'The server is closing.',
}

/** Checks drafts in a thread of their own, which may die of them and is then replaced. One text at a time. */
export function createDraftHost({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): DraftHost {
  const thread = createEngineThread<Asked, Drafted>({
    program: new URL('./draft-worker.ts', import.meta.url),
    workerData: { schema: schemaText },
    limits: { stackSizeMb: 64, maxOldGenerationSizeMb: 256 },
    longestMs: timeoutMs,
  })
  const ask = async (asked: Asked): Promise<Drafted> => {
    const limit = brokenLimit(asked.text)
    if (limit) {
      const { verdicts } = refusal(asked, limit.message)
      return { check: { problems: [limit], actions: [], valid: false }, verdicts }
    }
    const done = await thread.ask(asked)
    return 'answer' in done ? done.answer : refusal(asked, said[done.ended])
  }

  return {
    check: async (text) => (await ask({ text, tests: [] })).check,
    test: async (text, tests) => (tests.length === 0 ? [] : (await ask({ text, tests })).verdicts),
    close: () => thread.close(),
  }
}
