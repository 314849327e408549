import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isScalar, parseDocument, visit } from 'yaml'
import { createCedar } from '../../decision/cedar.ts'
import { decideConfig } from '../../decision/decide-config.ts'
import { readConfig } from '../../pipelines/read-config.ts'
import { ConfigRefused } from '../../pipelines/refused.ts'
import { starterLibrary } from './starter-library.ts'

// Whatever value of a config is put out of sight, no rule that it breaks may seem to hold: unknown never counts as allowed.

const engine = createCedar()
const rules = starterLibrary
  .filter(({ text }) => text.includes('::"config:'))
  .map(({ id, text }) => ({ id, name: id, version: 1, mode: 'enforce', text }) as const)
const unseen = {
  circleci: '<< pipeline.parameters.unseen >>',
  github: '${{ inputs.unseen }}',
  gitlab: '$[[ inputs.unseen ]]',
} as const
type Provider = keyof typeof unseen
const all = engine.prepare(rules)

const run = {
  now: new Date('2026-11-25T12:00:00Z'),
  branch: 'main',
  fromFork: false,
  sshRerun: false,
}
const place = (provider: Provider) => ({
  project: { id: 'p', slug: 'gh/meridian/shop', provider },
  path: 'config.yml',
})

type Judge = ReturnType<typeof engine.prepare>

/** The rules that a config breaks; undefined where it is refused as a whole. */
function broken(provider: Provider, text: string, judge: Judge): Set<string> | undefined {
  try {
    const facts = readConfig({ provider, text, defaultBranch: 'main' })
    const { violations } = decideConfig(judge, place(provider), facts, run)
    return new Set(violations.map(({ policy }) => policy.id))
  } catch (error) {
    if (error instanceof ConfigRefused) return undefined
    throw error
  }
}

/** Where each value stands; GitHub takes no expression in `uses`. */
function valuesOf(text: string): [from: number, to: number][] {
  const found: [number, number][] = []
  visit(parseDocument(text, { uniqueKeys: false }), {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'uses' && isScalar(value)) return visit.SKIP
      return undefined
    },
    Scalar(key, { range }) {
      if (key !== 'key' && range && range[0] < range[1]) found.push([range[0], range[1]])
    },
  })
  return found
}

const folder = join(import.meta.dirname, '../../pipelines/configs')

test.each(Object.keys(unseen) as Provider[])('%s', (provider) => {
  const loose: string[] = []
  let asked = 0
  for (const file of globSync(`${provider}/*.yml`, { cwd: folder })) {
    const text = readFileSync(join(folder, file), 'utf8')
    const before = broken(provider, text, all) ?? new Set()
    const judged = rules.filter(({ id }) => before.has(id))
    const judge = engine.prepare(judged)
    for (const [from, to] of judged.length > 0 ? valuesOf(text) : []) {
      const hidden = JSON.stringify(unseen[provider])
      const after = broken(provider, text.slice(0, from) + hidden + text.slice(to), judge)
      asked += 1
      const holds = after && judged.filter(({ id }) => !after.has(id))
      const line = text.slice(0, from).split('\n').length
      for (const { id } of holds ?? []) {
        loose.push(`${file}, line ${line}: ${id} holds without ${text.slice(from, to)}`)
      }
    }
  }
  expect(loose).toEqual([])
  // The control: rules were broken, and much was put out of sight.
  expect(asked).toBeGreaterThan(100)
})
