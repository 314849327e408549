import { afterAll, expect, test } from 'vitest'
import { createDraftHost } from './draft-host.ts'

const host = createDraftHost({ timeoutMs: 30_000 })
afterAll(() => host.close())

const action = 'action == Sallyport::Action::"context:use"'
const forbid = (when: string) => `forbid (principal, ${action}, resource) when { ${when} };`

test('a good policy has no problems, and names the actions that it can apply to', async () => {
  expect(await host.check(forbid('context.fromFork'))).toEqual({
    problems: [],
    actions: ['context:use'],
    valid: true,
  })
})

test.each([
  ['an unknown attribute', forbid('context.fromFrok'), 'fromFrok'],
  ['an unknown action', 'forbid (principal, action == Sallyport::Action::"x", resource);', 'x'],
  ['an optional fact read without has', forbid('context.branch == "main"'), 'branch'],
  ['text that does not parse', 'forbid (principal', ''],
  ['a template', `forbid (principal == ?principal, ${action}, resource);`, 'Templates'],
  ['nothing', ' ', 'nothing'],
  ['a homoglyph', forbid('context.provider == "mаin"'), ''],
])('%s is an error', async (_, text, says) => {
  const { problems, valid } = await host.check(text)
  expect(valid).toBe(false)
  expect(problems.map(({ message }) => message).join()).toContain(says)
})

test('problems stand where editors count them, also after characters beyond ASCII', async () => {
  const text = `// é€😀\n${forbid('context.fromFrok')}`
  const [problem] = (await host.check(text)).problems
  expect(text.slice(problem?.from, problem?.to)).toContain('fromFrok')
})

test('a permit is accepted, with a warning that it has no effect', async () => {
  const { problems, valid } = await host.check(`permit (principal, ${action}, resource);`)
  expect([valid, problems[0]?.severity]).toEqual([true, 'warning'])
})

test('one that takes too long is refused, and the next is answered by a new thread', async () => {
  const hasty = createDraftHost({ timeoutMs: 1 })
  expect((await hasty.check(forbid('true'))).problems[0]?.message).toContain('too long')
  await hasty.close()
  expect((await host.check(forbid('true'))).valid).toBe(true)
})
