import type { FromChild, ToChild } from '../reader-child.ts'

/** What a reader could do at its worst, by the text it is given: for tests of those who start it. */
process.on('message', (message: ToChild) => {
  const text = 'read' in message ? message.read.text : ''
  if (text === 'hang') for (;;);
  if (text === 'die') process.abort()
  if (text === 'eat memory')
    for (const eaten: string[][] = []; ;) eaten.push(Array(100_000).fill('x'))
  const facts: FromChild = {
    facts: {
      provider: 'circleci',
      kind: 'source',
      jobs: [],
      workflows: [],
      refs: [],
      images: [],
      unresolved: [],
    },
  }
  process.send?.(facts)
})
