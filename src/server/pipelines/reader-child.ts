import type { ConfigFacts } from '../../contract/pipeline-facts.ts'
import { readConfig, type ConfigSource } from './read-config.ts'
import { ConfigRefused } from './refused.ts'
import { warmingTexts } from './warming.ts'

/** What the pool sends: a config, or word to make the code quick before anybody waits. */
export type ToChild = { readonly read: ConfigSource } | { readonly warm: number }
export type FromChild =
  | { readonly facts: ConfigFacts }
  | { readonly refused: { readonly message: string; readonly line: number } }
  | { readonly warmed: true }

/*
 * The process that reads untrusted text: it has no environment, no file it may write, little memory, and whoever
 * started it ends it when it takes too long. A thread would not do: the parser can abort the process it runs in.
 */

/** The parser asks for a setting of its debugging at every word. Of the real environment, also of an empty one, that is slow. */
process.env = {}
/** It makes an error of everything that is no YAML, by the ten thousand: where in its code is told to nobody. */
Error.stackTraceLimit = 0

const answer = (message: FromChild) => process.send?.(message)

function read(source: ConfigSource): FromChild {
  try {
    return { facts: readConfig(source) }
  } catch (error) {
    if (error instanceof ConfigRefused) {
      return { refused: { message: error.message, line: error.line } }
    }
    // A defect of ours: the config is refused all the same, and nothing of it is quoted.
    return { refused: { message: 'The config could not be read. Make it simpler.', line: 1 } }
  }
}

process.on('message', (message: ToChild) => {
  if ('read' in message) return answer(read(message.read))
  for (let round = 0; round < message.warm; round++) warmingTexts().forEach(read)
  return answer({ warmed: true })
})
process.on('disconnect', () => process.exit(0))
