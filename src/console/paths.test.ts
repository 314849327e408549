import { expect, test } from 'vitest'
import { matchRoutes } from 'react-router'
import { pathOf, paths } from './paths.ts'
import { routes } from './routes.tsx'

test('every path, so that a changed URL is seen in review', () => {
  const made = Object.entries(paths).map(
    ([name, make]) => `${name}: ${(make as (id?: never) => string)('ID' as never)}`,
  )
  expect(made.map((line) => line.replace(/\?0=I&1=D/, ''))).toMatchSnapshot()
})

test('every path leads to a page, and so does every tab of an object', () => {
  const made = Object.values(paths).flatMap((make) => {
    const path = make as ((id: string, tab?: string) => string) & { tabs?: readonly string[] }
    if (!path.tabs) return [path('')]
    return [undefined, ...path.tabs].map((tab) => path('ID', tab))
  })
  const leads = (path: string) =>
    matchRoutes(routes, path)?.some(({ route }) => route.path === '*') === false
  expect(made.filter((path) => !leads(path))).toEqual([])
  expect(leads('/people/ID/nothing'), 'the control').toBe(false)
})

test('filters become search params in a stable order, and empty ones are left out', () => {
  expect(paths.projects({ tier: 'build', name: 'a&b', segment: undefined, owner: '' })).toBe(
    '/projects?name=a%26b&tier=build',
  )
  expect(paths.project('a/b', 'decisions', { outcome: 'denied' })).toBe(
    '/projects/a%2Fb/decisions?outcome=denied',
  )
})

test('a kind without a page has no path', () => {
  expect(pathOf('secret', 'x')).toBeUndefined()
})
