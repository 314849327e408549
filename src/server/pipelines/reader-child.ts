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
