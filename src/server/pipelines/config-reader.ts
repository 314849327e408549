import { fork, type ChildProcess } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ConfigFacts } from '../../contract/pipeline-facts.ts'
import { configLimits, ConfigRefused } from './refused.ts'
import type { ConfigSource } from './read-config.ts'
import type { FromChild, ToChild } from './reader-child.ts'

export interface ConfigReader {
  /** Rejects with `ConfigRefused`, with `ReaderBusy` when too many wait, or with what is no config's fault. */
  read(source: ConfigSource): Promise<ConfigFacts>
  /** Makes every child quick before anybody waits for it. */
  warm(): Promise<void>
  close(): Promise<void>
}

/** Nobody's fault: too many configs wait to be read. */
export class ReaderBusy extends Error {}

export interface ReaderOptions {
  readonly children?: number
  readonly timeoutMs?: number
  readonly memoryMb?: number
  /** Most that wait; whoever comes after is told to come back. */
  readonly waiting?: number
  /** Another program than the reader: for tests of its ends. */
  readonly program?: URL
}

/** That a child could not even begin. */
interface Broken {
  readonly broken: string
}
type Answer = FromChild | Broken

interface Task {
  readonly message: ToChild
  readonly done: (answer: Answer) => void
}
interface Child {
  process?: ChildProcess
  task?: Task | undefined
  timer?: NodeJS.Timeout | undefined
}

/** By the name that it is asked for, and where it really lies: of an installation of links these are two. */
const at = (path: string) => {
  const named = fileURLToPath(new URL(path, import.meta.url))
  return [named, realpathSync(named)]
}
/** Its own code and the parser's: all that a child may read. */
const readable = new Set([
  ...at('../../').map((path) => path.replace(/\/?$/, '/')),
  ...at('../../../node_modules').map((path) => `${path}/`),
  ...at('../../../package.json'),
])

/** Reads configs in processes that may die of them and are replaced; this one never parses a byte of them. */
export function createConfigReader(options: ReaderOptions = {}): ConfigReader {
  const { children = 2, timeoutMs = 4_000, memoryMb = 160, waiting = 64 } = options
  const program = options.program ?? new URL('./reader-child.ts', import.meta.url)
  const pool: Child[] = Array.from({ length: children }, () => ({}))
  const queue: Task[] = []
  let closed = false

  const finish = (child: Child, answer: Answer) => {
    const { task } = child
    clearTimeout(child.timer)
    child.task = undefined
    task?.done(answer)
    next()
  }

  const refused = (message: string): FromChild => ({ refused: { message, line: 1 } })

  const start = (child: Child): ChildProcess => {
    const made = fork(program, {
      // Nothing of ours is in its environment: no key, no address.
      env: {},
      execArgv: [
        `--max-old-space-size=${memoryMb}`,
        '--permission',
        ...[...readable].map((path) => `--allow-fs-read=${path}`),
        '--disable-warning=ExperimentalWarning',
        '--disable-warning=SecurityWarning',
      ],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.process = made
    made.on('message', (answer: FromChild) => {
      if (child.process === made) finish(child, answer)
    })
    const gone = (answer: Answer) => {
      if (child.process !== made) return
      delete child.process
      finish(child, answer)
    }
    made.on('error', ({ message }) => gone({ broken: message }))
    // What a config does to it ends it by a signal; a code of its own says that it could not run at all.
    made.on('exit', (code) =>
      gone(
        code === null
          ? refused('The config takes too much memory to read. Make it smaller.')
          : { broken: `it ended with ${code}` },
      ),
    )
    // An idle child does not keep the server from ending.
    made.unref()
    made.channel?.unref()
    return made
  }

  const next = () => {
    for (const child of pool) {
      const task = child.task ? undefined : queue.shift()
      if (!task) continue
      child.task = task
      child.timer = setTimeout(() => {
        const stuck = child.process
        delete child.process
        stuck?.kill('SIGKILL')
        finish(child, refused('The config takes too long to read. Make it simpler.'))
      }, timeoutMs)
      ;(child.process ?? start(child)).send(task.message)
    }
  }

  const ask = (message: ToChild) =>
    new Promise<Answer>((done) => {
      queue.push({ message, done })
      next()
    })

  return {
    async read(source) {
      if (closed || queue.length >= waiting) throw new ReaderBusy('too many configs wait')
      // What is too large is not even sent.
      const bytes = Buffer.byteLength(source.text)
      if (bytes > configLimits.bytes) {
        throw new ConfigRefused(`A config has at most 1 MiB; this one has ${bytes} bytes.`, 1)
      }
      const answer = await ask({ read: source })
      if ('facts' in answer) return answer.facts
      if ('broken' in answer) throw new Error(`configs cannot be read: ${answer.broken}`)
      const { message, line } = 'refused' in answer ? answer.refused : { message: '', line: 1 }
      throw new ConfigRefused(message, line)
    },
    async warm() {
      await Promise.all(pool.map(() => ask({ warm: 2 })))
    },
    async close() {
      closed = true
      for (const child of pool) {
        const open = child.process
        delete child.process
        open?.kill('SIGKILL')
        finish(child, refused('The server is closing.'))
      }
      for (const task of queue.splice(0)) task.done(refused('The server is closing.'))
      await Promise.resolve()
    },
  }
}
