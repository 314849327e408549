/** Somebody of the sample company who can sign in at the evaluation identity provider. */
export interface Persona {
  /** The subject at the identity provider, and what `npm run token` takes. */
  readonly key: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly groups: readonly string[]
}

const persona = (key: string, name: string, role: string, groups: readonly string[]): Persona => ({
  key,
  name,
  email: `${key}@meridian.example`,
  role,
  groups,
})

/** Meridian Freight's people with a button of their own on the sign-in page. */
export const personas: readonly Persona[] = [
  persona('ada', 'Ada Okafor', 'Security admin', ['security']),
  persona('ben', 'Ben Sørensen', 'Security admin', ['security']),
  persona('lin', 'Lin Zhao', 'Team lead, Payments', ['payments']),
  persona('noor', 'Noor Haddad', 'Auditor', ['audit']),
  persona('sam', 'Sam Rivera', 'Developer, Payments', ['payments']),
]
