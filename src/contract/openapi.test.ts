import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { operations } from './index.ts'
import { openapi } from './openapi.ts'

type Json = { [key: string]: unknown }

test('the committed document is what the contract says: node scripts/openapi.ts writes it', () => {
  const committed: unknown = JSON.parse(
    readFileSync(new URL('../../public/openapi.json', import.meta.url), 'utf8'),
  )
  expect(committed).toEqual(JSON.parse(JSON.stringify(openapi())))
})

test('every operation is in it once, with its permission and its problem', () => {
  const paths = Object.values(openapi()['paths'] as Record<string, Record<string, Json>>)
  const described = paths.flatMap((methods) => Object.values(methods))
  expect(described.map((operation) => String(operation['operationId'])).toSorted()).toEqual(
    operations()
      .map(({ id }): string => id)
      .toSorted(),
  )
  for (const operation of described) {
    expect(operation['description']).toBeTruthy()
    expect(operation['responses']).toHaveProperty('default')
  }
})
