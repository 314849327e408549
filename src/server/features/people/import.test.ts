import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterAll(() => world.close())

const preview = (csv: string) => ada.call('people.preview', { csv })
const bring = (csv: string) => ada.call('people.import', { csv })
const find = async (search: string) => (await ada.call('people.list', { search })).items
const team = async (name: string) => {
  const [found] = (await ada.call('teams.list', { search: name })).items
  return found && ada.call('teams.view', { teamId: found.id })
}

test('quotes, a byte order mark, CRLF, blank lines and a last line without an end are read as RFC 4180 says', async () => {
  const csv = [
    '\uFEFF"email","name",title,team,lead',
    '',
    'anne@one.example,"Anne ""Ann"" O\'Hara, Jr.",Engineer,"Payments, EU",yes',
    '"bo@one.example","Bo",,"Payments, EU",',
    ' cy@one.example , Cy ,,,no',
  ].join('\r\n')
  expect(await bring(csv)).toMatchObject({ added: 3, errors: 0 })
  expect((await find('anne@'))[0]).toMatchObject({
    name: 'Anne "Ann" O\'Hara, Jr.',
    teams: [{ name: 'Payments, EU', lead: true }],
  })
  expect((await find('cy@'))[0]).toMatchObject({ name: 'Cy', teams: [] })
})

test.each([
  [
    'a quote that is never closed',
    'email,name\na@x.example,"Al\nb@x.example,Bo',
    'never closed (line 2)',
  ],
  [
    'text after a closing quote',
    'email,name\na@x.example,"Al"x',
    'follows a closing quote (line 2)',
  ],
  ['a quote in an unquoted field', 'email,name\na@x.example,Al "X"', 'unquoted field (line 2)'],
  ['no column of names', 'email\na@x.example', 'first line must name the columns'],
  ['a column twice', 'email,name,name\na@x.example,A,B', 'first line must name the columns'],
  ['another separator', 'email;name\na@x.example;Al', 'first line must name the columns'],
  ['nothing but the first line', 'email,name\n', 'no line below the first'],
])('%s is refused with a sentence, and changes nothing', async (_, csv, says) => {
  for (const ask of [preview, bring]) {
    await expect(ask(csv)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(says),
    })
  }
  expect(await find('x.example')).toEqual([])
})

test('a line that is wrong is named with what is wrong about it', async () => {
  const csv = `email,name,title,team,lead
not-an-address,Al,,,
al@y.example,,,,
al@y.example,Al,,,maybe
al@y.example,Al\u0007,,,
al@y.example,Al,,!!!,
al@y.example,Al,,,yes
al@y.example,Al,,,,extra`
  const { lines, errors } = await preview(csv)
  expect(errors).toBe(7)
  expect(lines.map(({ line, says }) => `${line} ${says}`)).toEqual([
    expect.stringMatching(/^2 email/),
    expect.stringMatching(/^3 name/),
    expect.stringMatching(/^4 lead/),
    expect.stringMatching(/^5 name/),
    expect.stringMatching(/^6 team/),
    '7 lead needs a team',
    expect.stringMatching(/^8 has 6 fields/),
  ])
})

test('one e-mail in different letters is one person; two lines put them into two teams', async () => {
  const csv = `email,name,team,lead
Dee@Two.example,Dee,Core,
dee@two.EXAMPLE,Dee,Search,true
DEE@two.example,Dee,core,`
  const result = await bring(csv)
  expect(result).toMatchObject({ added: 1, errors: 0 })
  const [dee, ...others] = await find('two.example')
  expect(others).toEqual([])
  expect(dee?.teams).toMatchObject([
    { name: 'Core', lead: false },
    { name: 'Search', lead: true },
  ])
  const doubled = await preview('email,name\neve@two.example,Eve\nEVE@two.example,Eva')
  expect(doubled).toMatchObject({
    errors: 1,
    lines: [{ what: 'added' }, { line: 3, what: 'error' }],
  })
  expect(await preview(csv)).toMatchObject({ added: 0, changed: 0, unchanged: 3 })
})

test('a column that is absent changes nothing of what it would say', async () => {
  await bring('email,name,title,team,lead\nfay@three.example,Fay,Director,Ops,yes')
  expect(await preview('email,name\nfay@three.example,Fay')).toMatchObject({ unchanged: 1 })
  await bring('email,name\nfay@three.example,Fay Weber')
  expect((await find('fay@'))[0]).toMatchObject({
    name: 'Fay Weber',
    title: 'Director',
    teams: [{ name: 'Ops', lead: true }],
  })
  // Negative control: an empty title that is given is a title that is taken away.
  await bring('email,name,title\nfay@three.example,Fay Weber,')
  expect((await find('fay@'))[0]?.title).toBe('')
})

test('whoever has left is put into no team; a membership by import stands beside those of the identity provider', async () => {
  await world.as('gus', { groups: ['platform'] })
  await bring('email,name\nhal@four.example,Hal')
  const [hal] = await find('hal@')
  await ada.call(
    'people.update',
    { personId: hal?.id ?? '', state: 'left' },
    { version: hal?.version ?? 0 },
  )
  const result = await preview('email,name,team\nhal@four.example,Hal,Core')
  expect(result).toMatchObject({
    errors: 1,
    lines: [{ what: 'error', says: expect.stringContaining('has left') }],
  })
  await bring('email,name,team\nida@four.example,Ida,platform')
  expect(
    (await team('platform'))?.people.map(({ person, source }) => `${person.name} ${source}`),
  ).toEqual(['Gus idp', 'Ida import'])
})

test('10,000 lines are previewed and imported whole, with one event', async () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, n) => `p${n}@big.example,Person ${n},,Team ${n % 40},${n % 40 === n ? 'yes' : ''}`,
  )
  const csv = `email,name,title,team,lead\n${rows.join('\n')}\n`
  expect(await preview(csv)).toMatchObject({ added: 10_000, errors: 0 })
  const result = await bring(csv)
  expect(result).toMatchObject({ added: 10_000, errors: 0 })
  expect(result.lines).toHaveLength(500)
  expect(await team('Team 39')).toMatchObject({ members: 250, leads: [{ name: 'Person 39' }] })
  expect(await preview(csv)).toMatchObject({ added: 0, unchanged: 10_000 })
  expect(await world.lastEvent()).toMatchObject({ action: 'people.import' })
  const faulty = await ada.call('people.preview', { csv: `${csv}nobody,Nobody,,,\n` })
  expect(faulty).toMatchObject({ errors: 1 })
  expect(faulty.lines.at(-1)).toMatchObject({ line: 10_002, what: 'error' })
})
