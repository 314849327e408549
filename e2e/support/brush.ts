import type { Locator } from '@playwright/test'
import { expect } from './test.ts'

/**
 * Drags over a chart, from one part of its width to another, once it is drawn. As a hand that is quick: released, there or
 * below the chart, before what was moved is drawn.
 */
export async function brush(
  chart: Locator,
  from: number,
  until: number,
  { below = 0 } = {},
): Promise<void> {
  await expect(chart.locator('svg').first()).toBeVisible()
  await chart.scrollIntoViewIfNeeded()
  const box = await chart.boundingBox()
  if (!box) throw new Error('the chart has no place')
  const page = chart.page()
  const [y, at] = [box.y + box.height / 2, (part: number) => box.x + box.width * part]
  await page.mouse.move(at(from), y)
  await page.mouse.down()
  await page.mouse.move(at((from + until) / 2), y, { steps: 5 })
  const browser = await page.context().newCDPSession(page)
  const send = (type: 'mouseMoved' | 'mouseReleased', height: number) =>
    browser.send('Input.dispatchMouseEvent', {
      type,
      x: at(until),
      y: height,
      button: 'left',
      ...(type === 'mouseReleased' && { clickCount: 1 }),
    })
  const end = below > 0 ? y + box.height / 2 + below : y
  // In this order, and none waits for what the one before it led to.
  await Promise.all([send('mouseMoved', y), send('mouseMoved', end), send('mouseReleased', end)])
  await browser.detach()
  // Playwright's own lets go of its button, too.
  await page.mouse.up()
}
