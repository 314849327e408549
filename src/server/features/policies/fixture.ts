import type { PolicyFacts } from '../../../contract/policy-facts.ts'

export interface Fixture {
  readonly facts: PolicyFacts
  /** Which facts were left out or replaced, in words. */
  readonly leftOut: readonly string[]
}

/** Whether a text reads a fact by its name; a text that says the name anywhere is taken to. */
const reads = (text: string, name: string) => new RegExp(`\\b${name}\\b`).test(text)

/**
 * A recorded decision's facts as they may stand in a test that everybody reads and that is kept for good: people and
 * addresses that the policy does not read are left out or replaced. Pipeline values never were among the facts.
 */
export function fixtureOf(facts: PolicyFacts, text: string): Fixture {
  const leftOut: string[] = []
  if (facts.kind === 'console') {
    const { ip, acr, sessionAge, person, ...rest } = facts
    const { email, ...shown } = person
    const keepEmail = email !== undefined && reads(text, 'email')
    // A person who is named by id is who the policy speaks of; anybody else is somebody.
    const keepPerson = text.includes(person.id) || reads(text, 'name')
    if (email !== undefined && !keepEmail) leftOut.push('e-mail address')
    if (ip !== undefined && !reads(text, 'ip')) leftOut.push('address')
    if (!keepPerson) leftOut.push('name of the person')
    if (acr !== undefined && !reads(text, 'acr')) leftOut.push('how they signed in')
    if (sessionAge !== undefined && !reads(text, 'sessionAge')) leftOut.push('when they signed in')
    return {
      facts: {
        ...rest,
        person: {
          ...shown,
          ...(!keepPerson && { id: 'somebody', name: 'Somebody' }),
          ...(keepEmail && { email }),
        },
        ...(ip !== undefined && reads(text, 'ip') && { ip }),
        ...(acr !== undefined && reads(text, 'acr') && { acr }),
        ...(sessionAge !== undefined && reads(text, 'sessionAge') && { sessionAge }),
      },
      leftOut,
    }
  }
  const { ip, actorLogin, approvers, authors, ...rest } = facts
  if (ip !== undefined && !reads(text, 'ip')) leftOut.push('address')
  if (actorLogin !== undefined && !reads(text, 'actorLogin')) leftOut.push('login of the actor')
  // Who approved what they wrote stays visible; who they are need not.
  const names = new Map<string, string>()
  const standIn = (login: string) => {
    if (text.includes(`"${login}"`)) return login
    if (!names.has(login)) names.set(login, `person-${names.size + 1}`)
    return names.get(login) ?? login
  }
  const people = {
    ...(approvers && { approvers: approvers.map(standIn) }),
    ...(authors && { authors: authors.map(standIn) }),
  }
  if (names.size > 0) leftOut.push('logins of approvers and authors')
  return {
    facts: {
      ...rest,
      ...people,
      ...(ip !== undefined && reads(text, 'ip') && { ip }),
      ...(actorLogin !== undefined && reads(text, 'actorLogin') && { actorLogin }),
    },
    leftOut,
  }
}
