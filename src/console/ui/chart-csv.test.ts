import { expect, test } from 'vitest'
import { csvOf } from './chart-csv.ts'

test('writes what the chart shows, and no formula', () => {
  const series = [
    { key: 'denied', label: 'Denied' },
    { key: 'why', label: '=cmd()' },
  ]
  expect(csvOf(series, [{ at: '2026-11-23', denied: -2, why: 'a,"b"' }])).toBe(
    'at,Denied,\'=cmd()\r\n2026-11-23,-2,"a,""b"""',
  )
})
