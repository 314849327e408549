import { expect, test } from 'vitest'
import { callShapes } from './call-shapes.ts'
import { operations } from './index.ts'

test('every operation has a shape, and its search params are read as their schema says', () => {
  const shapes = callShapes()
  expect(Object.keys(shapes)).toEqual(operations().map(({ id }) => id))
  expect(shapes['contexts.list']).toEqual({
    method: 'GET',
    path: '/contexts',
    body: false,
    query: {
      cursor: { text: [0, 500] },
      limit: { whole: [1, 200] },
      q: { text: [0, 200] },
      segmentId: 'id',
      teamId: 'id',
      closed: 'flag',
    },
  })
  expect(shapes['grants.list']?.query).toMatchObject({
    state: ['live', 'expired', 'ended', 'any'],
    expiringWithinDays: { whole: [1, 3_650] },
    withoutExpiry: 'flag',
  })
  expect(shapes['contexts.create']).toMatchObject({ method: 'POST', body: true })
})
