import { expect, test } from 'vitest'
import { changes, fieldName } from './diff.ts'

test('names what was added, removed and changed', () => {
  expect(
    changes(
      { name: 'a', tags: ['x', 'y'], gone: 1, same: { deep: true } },
      { name: 'b', tags: ['y', 'z'], new: 2, same: { deep: true } },
    ),
  ).toEqual([
    { path: 'name', kind: 'changed', before: 'a', after: 'b' },
    { path: 'tags', kind: 'removed', before: 'x' },
    { path: 'tags', kind: 'added', after: 'z' },
    { path: 'gone', kind: 'removed', before: 1 },
    { path: 'new', kind: 'added', after: 2 },
  ])
})

test('a creation is told field by field', () => {
  expect(changes(undefined, { name: 'a', note: null })).toEqual([
    { path: 'name', kind: 'added', after: 'a' },
  ])
})

test('field names read as words', () => {
  expect(fieldName('runnerClasses')).toBe('Runner classes')
  expect(fieldName('scope.kind')).toBe('Scope › kind')
})
