import { createRequire } from 'node:module'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import { expect, test } from 'vitest'
import { policyVocabulary } from './policy-vocabulary.ts'

const cedar = createRequire(import.meta.url)(
  '@cedar-policy/cedar-wasm/nodejs',
) as typeof CedarModule

interface Shape {
  readonly attributes?: Record<string, { readonly required?: boolean }>
}
interface Read {
  readonly entityTypes: Record<string, { readonly shape?: Shape }>
  readonly actions: Record<
    string,
    { appliesTo?: { principalTypes: string[]; resourceTypes: string[]; context: { type: string } } }
  >
  readonly commonTypes: Record<string, Shape>
}

const sorted = (names: readonly string[]) => [...names].sort()
const attributesOf = (shape: Shape | undefined) =>
  Object.entries(shape?.attributes ?? {}).map(([name, { required }]) => [name, required === false])

test('completion knows every entity, action and fact that Cedar reads in the schema, and no other', () => {
  const known = policyVocabulary()
  const answer = cedar.schemaToJson(known.text)
  if (answer.type === 'failure') throw new Error('the schema cannot be read')
  const read = (answer.json as unknown as Record<string, Read>)['Sallyport']
  if (!read) throw new Error('no namespace')
  expect(sorted(known.entities.map(({ name }) => name))).toEqual(
    sorted(Object.keys(read.entityTypes)),
  )
  for (const { name, attributes } of known.entities) {
    const said = attributes.map((one) => [one.name, one.optional])
    expect(sorted(said.map(String))).toEqual(
      sorted(attributesOf(read.entityTypes[name]?.shape).map(String)),
    )
  }
  const asked = Object.entries(read.actions).filter(([name]) => name.includes(':'))
  expect(sorted(known.actions.map(({ name }) => name))).toEqual(sorted(asked.map(([name]) => name)))
  for (const action of known.actions) {
    const { appliesTo } = read.actions[action.name] ?? {}
    expect(action.principals).toEqual(appliesTo?.principalTypes)
    expect(action.resources).toEqual(appliesTo?.resourceTypes)
    const shape = read.commonTypes[appliesTo?.context.type.split('::').at(-1) ?? '']
    expect(sorted(action.context.map((one) => String([one.name, one.optional])))).toEqual(
      sorted(attributesOf(shape).map(String)),
    )
    expect(action.says).toBeDefined()
  }
})
