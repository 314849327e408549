import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { chartTimes, daySeconds } from './chart-times.ts'

const from = (first: string, stepSeconds: number, count: number) =>
  Array.from({ length: count }, (_, nth) => ({
    at: new Date(Date.parse(first) + nth * stepSeconds * 1000).toISOString(),
  }))
const read = (bucketSeconds: number, points: { at: string }[], timeZone: string) => {
  const { head, tick, whole } = chartTimes(bucketSeconds, points, timeZone)
  const last = points.at(-1)?.at ?? ''
  return { head, ticks: points.map(({ at }) => tick(at)), last: whole(last) }
}

const zones = ['America/New_York', 'UTC', 'Asia/Kolkata', 'Pacific/Kiritimati']

test.each(zones)('in %s a day of UTC is named as the file of the same names it', (zone) => {
  expect(read(daySeconds, from('2026-11-26T00:00:00Z', daySeconds, 4), zone)).toEqual({
    head: 'Day (UTC)',
    ticks: ['26 Nov', '27 Nov', '28 Nov', '29 Nov'],
    last: '29 Nov 2026',
  })
})

test.each([1, 2, 3])('days are named also where there are but %i of them', (count) => {
  const { ticks } = read(daySeconds, from('2026-11-26T00:00:00Z', daySeconds, count), zones[0]!)
  expect(ticks).toEqual(['26 Nov', '27 Nov', '28 Nov'].slice(0, count))
})

test('weeks are as days are, each by its first', () => {
  expect(read(7 * daySeconds, from('2026-11-19T00:00:00Z', 7 * daySeconds, 2), zones[0]!)).toEqual({
    head: 'From (UTC)',
    ticks: ['19 Nov', '26 Nov'],
    last: '26 Nov 2026',
  })
})

test('the control: what is shorter than a day is told as the clock is where one reads it', () => {
  const hours = from('2026-11-28T00:00:00Z', 3600, 2)
  expect(read(3600, hours, 'America/New_York')).toEqual({
    head: 'From',
    ticks: ['19:00', '20:00'],
    last: '27 Nov 2026, 20:00:00',
  })
  expect(read(3600, hours, 'UTC').ticks).toEqual(['00:00', '01:00'])
  // One hour that begins at midnight is no day.
  expect(read(3600, hours.slice(0, 1), 'UTC')).toMatchObject({ head: 'From', ticks: ['00:00'] })
  // Over more than two days an axis names days, those of the browser.
  const quarters = from('2026-11-26T00:00:00Z', 6 * 3600, 10)
  expect(read(6 * 3600, quarters, 'America/New_York').ticks.slice(0, 2)).toEqual([
    '25 Nov',
    '26 Nov',
  ])
})

test('a day of the record is named by its own name where the clock is behind', () => {
  const format = JSON.stringify(new URL('format.ts', import.meta.url).href)
  const script = `import { exact, utcDay } from ${format}
    const day = new Date('2026-11-28')
    console.log([utcDay(day), exact(day)].join('; '))`
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: 'America/New_York' },
    encoding: 'utf8',
  })
  // The second is the control: the clock is behind.
  expect(told.trim()).toBe('28 Nov; 27 Nov 2026, 19:00:00')
})
