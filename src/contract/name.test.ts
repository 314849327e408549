import { expect, test } from 'vitest'
import { name, seenName } from './name.ts'
import { printable, printableJson } from './printable.ts'

const schema = name(100)
const says = (text: string) => schema.safeParse(text).error?.issues[0]?.message

test.each([
  'production',
  'Équipe déploiement',
  'Ärzte & Köche',
  'Команда платежей 2',
  'Ομάδα πληρωμών',
  '結算チーム',
  'プロダクション CI',
  '배포 팀 CI',
  'فريق الدفع',
  'Zespół „Żółć”',
  "O'Brien — release 2.4 (EU/UK)",
  'Şırnak ığdır',
])('%s is a name', (text) => {
  expect(says(text)).toBeUndefined()
})

test.each([
  ['Cyrillic а in a Latin name', 'pаyments', 'several scripts'],
  ['Greek ο in a Latin name', 'prοduction', 'several scripts'],
  ['Armenian օ', 'prօduction', 'several scripts'],
  ['Cherokee', 'ᏢᎡᏫᎠ', 'several scripts'],
  ['Cyrillic letters that look Latin', 'соре', 'look like Latin'],
  ['Cyrillic capitals and a digit', 'ТЕАМ 1'.replace('А', 'А'), 'look like Latin'],
  ['Greek capitals', 'ΚΑΤΕ', 'look like Latin'],
  ['phonetic letters', 'ɑdmin', 'look like Latin'],
  ['full-width letters', 'ａｄｍｉｎ', 'look-alike forms'],
  ['mathematical letters', '𝐚𝐝𝐦𝐢𝐧', 'look-alike forms'],
  ['a ligature', 'ﬁnance', 'look-alike forms'],
  ['a no-break space', 'prod\u00a0admins', 'look-alike forms'],
  ['two spaces', 'prod  admins', 'two spaces'],
  ['piled marks', 'a\u0334\u0335\u0336\u0337dmin', 'pile up'],
  ['not NFC', 'e\u0301quipe', 'normal form C'],
  ['zero-width space', 'ad\u200bmin', 'invisible'],
  ['zero-width joiner', 'ad\u200dmin', 'invisible'],
  ['soft hyphen', 'ad\u00admin', 'invisible'],
  ['Hangul filler', 'admin\u3164', 'invisible'],
  ['Mongolian separator', 'ad\u180emin', 'invisible'],
  ['variation selector', 'admin\ufe0f', 'invisible'],
  ['a tag', 'admin\u{e0041}', 'invisible'],
  ['Braille blank', 'admin\u2800x', 'invisible'],
  ['override', 'admin\u202e', 'invisible'],
  ['isolate', '\u2066admin\u2069', 'invisible'],
  ['Arabic letter mark', 'admin\u061c', 'invisible'],
  ['line separator', 'ad\u2028min', 'invisible'],
  ['ANSI escape', '\u001b[31mred', 'invisible'],
  ['C1 CSI', '\u009b31mred', 'invisible'],
  ['a lone surrogate', 'ad\ud800min', 'invisible'],
])('%s cannot pass for a name (P37)', (_, text, message) => {
  expect(says(text)).toContain(message)
})

test('a name that an identity provider conveys is seen as it is, or not at all', () => {
  expect(seenName('  Ada\u202e \u200b L.\u0007  Byron ', 50)).toBe('Ada L. Byron')
  expect(seenName('ａｄａ', 50)).toBe('ada')
  expect(seenName('\u200b\u2066', 50)).toBeUndefined()
  expect(seenName('x'.repeat(300), 200)).toHaveLength(200)
})

test('what cannot be seen is written out, and is the same value inside of JSON (P36)', () => {
  const nasty = '\u001b[2J\u009b1m\u202eevil\u2066\u200b\u{e0041}\r\nforged\u0007é日本'
  const shown = printable(nasty)
  expect(shown).toBe(
    '\\u001b[2J\\u009b1m\\u202eevil\\u2066\\u200b\\udb40\\udc41\\u000d\\u000aforged\\u0007é日本',
  )
  const json = printableJson({ text: nasty })
  expect(JSON.parse(json)).toEqual({ text: nasty })
  expect(printable(json)).toBe(json)
  // The control: plain JSON leaves what a terminal obeys and an eye is fooled by.
  expect(JSON.stringify({ text: nasty })).toMatch(/[\u009b\u202e]/u)
})
