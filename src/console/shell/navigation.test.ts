import { matchRoutes, type RouteObject } from 'react-router'
import { expect, test } from 'vitest'
import { paths } from '../paths.ts'
import { routes } from '../routes.tsx'
import { innerPlaces, orderedFor, placeOf } from './navigation.ts'

const leaves = (all: readonly RouteObject[], base: string): string[] =>
  all.flatMap(({ path = '', children }) => {
    const at = path ? `${base}/${path}`.replaceAll(/\/+/g, '/') : base
    return children ? leaves(children, at) : [at]
  })

/** Every address of the console's own map, with some object in it. */
const addresses = [...new Set(leaves(routes, '/'))]
  .filter((path) => !path.endsWith('*'))
  .map((path) => path.replaceAll(/:\w+/g, 'ID'))

/** Every address that `paths` makes, with some object in it. */
const made = Object.values(paths).map((make) => {
  const [path = ''] = (make as (id: never) => string)('ID' as never).split('?')
  return path
})

const places = orderedFor('admin').flatMap((group) => group.places)

test('every page of the console is of a place that the sidebar lights up', () => {
  expect(addresses.length).toBeGreaterThan(80)
  expect(addresses.filter((address) => !placeOf(address))).toEqual([])
  expect(made.filter((address) => !placeOf(address))).toEqual([])
})

test('of one place only: none of two addresses that are named is the same', () => {
  const named = [...places, ...innerPlaces.map(({ inner }) => inner)]
  expect(new Set(named.map(({ to }) => to)).size).toBe(named.length)
  expect(new Set(places.map(({ label }) => label)).size).toBe(places.length)
})

test('every place, and every inner page that is named, is one that exists', () => {
  const named = [...places, ...innerPlaces.map(({ inner }) => inner)]
  const there = new Set(addresses)
  expect(named.filter(({ to }) => !there.has(to)).map(({ to }) => to)).toEqual([])
})

test.each([
  ['/', 'Overview', undefined],
  ['/requests/new', 'Requests', undefined],
  ['/exceptions', 'Requests', 'Exceptions'],
  ['/exceptions/ID', 'Requests', 'Exceptions'],
  ['/replays/ID', 'Policies', 'Replays'],
  ['/trust/issuers/ID/keys', 'Trust', undefined],
  ['/trust/rules/ID', 'Trust', 'Trust rules'],
  ['/audit/ID', 'Audit trail', undefined],
  ['/audit/checkpoints', 'Checkpoints', undefined],
  ['/sessions/everyone', 'Sessions', undefined],
])('%s is of %s, of its page %s', (address, place, inner) => {
  expect(placeOf(address)?.place.label).toBe(place)
  expect(placeOf(address)?.inner?.label).toBe(inner)
})

test('an address that only begins with the same letters is of no place', () => {
  expect(matchRoutes(routes, '/exceptionsX')?.at(-1)?.route.path).toBe('*')
  expect(placeOf('/exceptionsX')).toBeUndefined()
  expect(placeOf('/nowhere')).toBeUndefined()
})
