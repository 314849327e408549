import { parentPort } from 'node:worker_threads'

/** What a thread could do at its best and worst, by what it is asked: for tests of those who start it. */
parentPort?.on('message', (text: string) => {
  if (text === 'hang') for (;;);
  if (text === 'die') throw new Error('it died of it')
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
  parentPort?.postMessage(text)
})
