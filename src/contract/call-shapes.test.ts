import { expect, test } from 'vitest'
import { z } from 'zod'
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
    state: ['scheduled', 'live', 'expired', 'ended', 'any'],
    expiringWithinDays: { whole: [1, 3_650] },
    withoutExpiry: 'flag',
  })
  expect(shapes['contexts.create']).toMatchObject({ method: 'POST', body: true })
})

test('nothing that is or answers a secret may be kept by a browser while its person confirms', () => {
  const unsaid = (all: ReturnType<typeof operations>) =>
    all
      .filter(({ spec }) => spec.may === 'secret:store' && spec.body)
      .filter(({ spec }) => /"(text|value)"/.test(JSON.stringify(z.toJSONSchema(spec.body!))))
      .filter(({ spec }) => !spec.secretInput)
      .map(({ id }) => id)
  expect(unsaid(operations())).toEqual([])
  // Negative control: an operation that stores a secret and does not say so is found.
  const careless = operations().map(({ id, noun, spec }) => {
    const { secretInput: _, ...rest } = spec
    return { id, noun, spec: rest }
  })
  expect(unsaid(careless)).toEqual([
    'contexts.store',
    'contexts.previewImport',
    'contexts.importSecrets',
  ])
  const kept = Object.entries(callShapes()).flatMap(([id, shape]) => (shape.kept ? [id] : []))
  expect(kept).toContain('grants.create')
  for (const never of ['contexts.store', 'contexts.importSecrets', 'apiTokens.create']) {
    expect(kept).not.toContain(never)
  }
})
