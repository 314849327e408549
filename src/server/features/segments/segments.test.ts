import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { unique } from '../../testing/unique.ts'

let world: World
let ada: WorldPerson

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterAll(() => world.close())

const segment = (cidrs: string[] = [], name = unique('segment')) =>
  ada.call('segments.create', { name, tier: 'production', cidrs })

describe('segments', () => {
  test('are made, changed by version, and deleted only when they hold nothing', async () => {
    const cidrs = ['10.20.0.0/16', '2001:db8::/32']
    const made = await segment(cidrs)
    expect(made).toMatchObject({ cidrs, projects: 0, version: 1 })
    const changed = await ada.call(
      'segments.update',
      { segmentId: made.id, tier: 'staging', cidrs: ['10.0.0.0/8'] },
      { version: 1 },
    )
    expect(changed).toMatchObject({ tier: 'staging', cidrs: ['10.0.0.0/8'], version: 2 })
    expect(await world.lastEvent()).toMatchObject({
      action: 'segments.update',
      before: { tier: 'production' },
      after: { tier: 'staging' },
    })
    const name = unique('shop')
    await ada.call('projects.create', {
      name,
      slug: `acme/${name}`,
      provider: 'github',
      repository: `github.com/acme/${name}`,
      segmentId: made.id,
    })
    const remove = () => ada.call('segments.remove', { segmentId: made.id }, { version: 2 })
    await expect(remove()).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining('1 projects'),
    })
    const stale = ada.call('segments.update', { segmentId: made.id, name: 'late' }, { version: 1 })
    await expect(stale).rejects.toMatchObject({
      code: 'stale',
      problem: { current: { version: 2 } },
    })
  })

  test.each(['10.0.0.0/33', '10.0.0.1/8', '10.0.0.0', '::ffff:10.0.0.1/104', 'fe80::1%eth0/64'])(
    'refuse %s, which is no range',
    async (cidr) => {
      await expect(segment([cidr])).rejects.toMatchObject({
        code: 'invalid_input',
        status: 400,
        message: expect.stringContaining(`“${cidr}”`),
      })
    },
  )

  test('refuse a name that is taken', async () => {
    const made = await segment()
    const again = ada.call('segments.create', { name: made.name.toUpperCase(), tier: 'build' })
    await expect(again).rejects.toMatchObject({ code: 'name_taken' })
  })
})

describe('ranges', () => {
  test('are kept in one form: IPv4-mapped as IPv4, each once', async () => {
    const made = await segment([
      '::ffff:172.16.4.0/118',
      '172.16.4.0/22',
      '2001:DB8:0:1::/64',
      '::ffff:ac10:800/120',
    ])
    expect(made.cidrs).toEqual(['172.16.4.0/22', '172.16.8.0/24', '2001:db8:0:1::/64'])
  })

  test('are of one segment, which is named at the field; of nested ones each is its own', async () => {
    const outer = await segment(['172.20.0.0/16', '2001:db8:20::/48'])
    const inner = await segment(['172.20.5.0/24', '2001:db8:20:5::/64'])
    expect(inner.cidrs).toHaveLength(2)
    const around = await segment(['172.16.0.0/12'])
    const refused = (cidrs: string[], at: number) =>
      expect(segment(cidrs)).rejects.toMatchObject({
        code: 'invalid_input',
        problem: {
          fields: [
            {
              path: `cidrs.${at}`,
              message: `is a range of segment “${outer.name}” already: 172.20.0.0/16`,
            },
          ],
        },
      })
    await refused(['172.21.0.0/16', '172.20.0.0/16'], 1)
    // Another spelling of the same.
    await refused(['::ffff:172.20.0.0/112'], 0)
    const change = ada.call(
      'segments.update',
      { segmentId: around.id, cidrs: ['172.20.0.0/16'] },
      { version: around.version },
    )
    await expect(change).rejects.toMatchObject({ problem: { fields: [{ path: 'cidrs.0' }] } })
    // Nothing is told of what would be refused.
    const preview = ada.call('segments.preview', { segmentId: around.id, cidrs: ['172.20.0.0/16'] })
    await expect(preview).rejects.toMatchObject({ problem: { fields: [{ path: 'cidrs.0' }] } })
    // Its own are no other's; and what one gives up another may have.
    const at = { segmentId: outer.id }
    const same = await ada.call('segments.update', { ...at, cidrs: outer.cidrs }, { version: 1 })
    const given = await ada.call(
      'segments.update',
      { ...at, cidrs: ['172.22.0.0/16'] },
      { version: same.version },
    )
    expect(given.cidrs).toEqual(['172.22.0.0/16'])
    expect((await segment(['172.20.0.0/16'])).cidrs).toEqual(['172.20.0.0/16'])
  })

  test('whose segment one may not see are told without its name', async () => {
    const [theirs, mine] = [await segment(['192.0.2.0/25']), await segment()]
    const lee = await world.as(unique('lee'))
    await world.grant(lee, 'securityAdmin', { kind: 'segment', id: mine.id, name: mine.name })
    const change = lee.call(
      'segments.update',
      { segmentId: mine.id, cidrs: ['192.0.2.0/25'] },
      { version: 1 },
    )
    await expect(change).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('another segment'),
    })
    await expect(change).rejects.not.toMatchObject({
      message: expect.stringContaining(theirs.name),
    })
  })

  test('of many who take the same at once, one has it', async () => {
    const cidrs = ['192.0.2.128/25', '2001:db8:99::/48']
    const tried = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => segment(at % 2 ? cidrs : cidrs.toReversed())),
    )
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const each of tried) {
      if (each.status === 'fulfilled') continue
      const { code } = each.reason as { code: string }
      expect(['conflict', 'invalid_input', 'unavailable']).toContain(code)
    }
    // The control: apart from one another all of them are made.
    const apart = Array.from({ length: 8 }, (_, at) => segment([`198.51.100.${at * 8}/29`]))
    expect(await Promise.all(apart)).toHaveLength(8)
  })
})
