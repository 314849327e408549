import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createEngineThread, type EngineThreadOptions } from './engine-thread.ts'

const program = new URL('./testing/echo-thread.ts', import.meta.url)
const open = (options: Partial<EngineThreadOptions> = {}) =>
  createEngineThread<string, string>({ program, longestMs: 60_000, ...options })

test('tasks are answered one after the other, each its own', async () => {
  const thread = open()
  const texts = ['one', 'two', 'three']
  expect(await Promise.all(texts.map((text) => thread.ask(text)))).toEqual(
    texts.map((answer) => ({ answer })),
  )
  await thread.close()
})

test('one that dies of a task, or is late with it, is followed by another for the next', async () => {
  const errors: unknown[] = []
  const thread = open({ longestMs: 5_000, onError: (error) => errors.push(error) })
  expect(await thread.ask('die')).toEqual({ ended: 'died' })
  expect(errors).toMatchObject([{ message: 'it died of it' }])
  expect(await thread.ask('hang')).toEqual({ ended: 'late' })
  expect(await thread.ask('next')).toEqual({ answer: 'next' })
  await thread.close()
})

test('what is asked while one that was unused is ending is answered by its follower', async () => {
  const thread = open({ keptMs: 0 })
  for (let at = 0; at < 30; at++) {
    expect(await thread.ask(`task ${at}`)).toEqual({ answer: `task ${at}` })
    // The time that it is kept is over some turns later: at some of these tasks it is just ending.
    for (let turns = 0; turns < at * 20; turns++) await turn()
  }
  await thread.close()
})

test('once it is closed it begins nothing, and tells so whoever waits', async () => {
  const thread = open()
  const waiting = [thread.ask('hang'), thread.ask('never begun')]
  await turn()
  await thread.close()
  expect(await Promise.all(waiting)).toEqual([{ ended: 'closed' }, { ended: 'closed' }])
  expect(await thread.ask('too late')).toEqual({ ended: 'closed' })
})
