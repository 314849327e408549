import type { Locator } from '@playwright/test'
import { expect } from './test.ts'

/** Drags over a chart, from one part of its width to another, once it is drawn. */
export async function brush(chart: Locator, from: number, until: number): Promise<void> {
  await expect(chart.locator('svg').first()).toBeVisible()
  await chart.scrollIntoViewIfNeeded()
  const box = await chart.boundingBox()
  if (!box) throw new Error('the chart has no place')
  const { mouse } = chart.page()
  const [y, at] = [box.y + box.height / 2, (part: number) => box.x + box.width * part]
  await mouse.move(at(from), y)
  await mouse.down()
  await mouse.move(at(until), y, { steps: 10 })
  await mouse.up()
}
