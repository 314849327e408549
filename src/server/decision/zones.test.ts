import { expect, test } from 'vitest'
import type { RunFacts, SegmentFacts } from './run-facts.ts'
import { openZones, whereabouts } from './zones.ts'

const segment = (name: string, cidrs: string[] = [], runnerClasses: string[] = []) =>
  ({ id: name, name, cidrs, runnerClasses }) satisfies SegmentFacts

const outer = segment('outer', ['10.0.0.0/8', '2001:db8::/32'])
const inner = segment('inner', ['10.1.0.0/16', '2001:db8:1::/48'])
const innermost = segment('innermost', ['10.1.2.0/24'], ['own'])
const open = segment('open')
const hosted = segment('hosted', [], ['medium'])
const zones = openZones(
  [outer, inner, innermost, open, hosted],
  [
    { fromId: 'inner', toId: 'outer' },
    { fromId: 'open', toId: 'inner' },
  ],
)

const run = (given: { ip?: string; runnerClass?: string; of?: string }): RunFacts => ({
  now: new Date(),
  provider: 'circleci',
  fromFork: false,
  sshRerun: false,
  ...(given.ip && { ip: given.ip }),
  ...(given.runnerClass && { runnerClass: given.runnerClass }),
  ...(given.of && { project: { id: 'p', name: 'p', segment: { id: given.of, name: given.of } } }),
})

test.each([
  ['the most specific range counts', { ip: '10.1.9.1' }, 'inner'],
  ['around it, the outer', { ip: '10.2.0.1' }, 'outer'],
  ['IPv6 likewise', { ip: '2001:db8:1::5' }, 'inner'],
  ['an IPv4 address over an IPv6 socket is the IPv4 address', { ip: '::ffff:10.1.9.1' }, 'inner'],
  ['in its other spelling as well', { ip: '::ffff:a01:901' }, 'inner'],
  ['a range whose runner class it has', { ip: '10.1.2.3', runnerClass: 'own' }, 'innermost'],
  ['not one whose class it has not: the next around it', { ip: '10.1.2.3' }, 'inner'],
  [
    'outside of every range its project’s, if open to anywhere',
    { ip: '192.0.2.1', of: 'open' },
    'open',
  ],
  ['also of a class', { ip: '192.0.2.1', runnerClass: 'medium', of: 'hosted' }, 'hosted'],
  ['not without the class', { ip: '192.0.2.1', runnerClass: 'large', of: 'hosted' }, undefined],
  ['not where its project’s has ranges', { ip: '192.0.2.1', of: 'outer' }, undefined],
  ['an address of a segment is not its project’s', { ip: '10.2.0.1', of: 'open' }, 'outer'],
  ['an unknown address is in no range', { of: 'outer' }, undefined],
  ['what is no address is in none', { ip: 'unknown', of: 'outer' }, undefined],
] as const)('%s', (_, given, expected) => {
  expect(zones.place(run(given))?.id).toBe(expected)
})

test('within a segment no flow is asked for; from elsewhere, in one direction', () => {
  const at = (to: SegmentFacts, given: Parameters<typeof run>[0]) =>
    whereabouts(to, run(given), zones)
  expect(at(inner, { ip: '10.1.9.1' })).toMatchObject({ inside: true, led: false })
  expect(at(outer, { ip: '10.1.9.1' })).toMatchObject({ inside: false, from: inner, led: true })
  expect(at(inner, { ip: '10.2.0.1' })).toMatchObject({ inside: false, from: outer, led: false })
  expect(at(inner, { ip: '192.0.2.1', of: 'open' })).toMatchObject({ from: open, led: true })
  // Flows are not followed further: open → inner → outer is no flow from open to outer.
  expect(at(outer, { ip: '192.0.2.1', of: 'open' })).toMatchObject({ from: open, led: false })
  // Runs of a segment without ranges may come from anywhere, also from another's.
  expect(at(open, { ip: '10.2.0.1', of: 'open' })).toMatchObject({ inside: true })
})
