import { createElement } from 'react'
import type { ChosenProps, FoundFilter } from '../ui/FilterBar.tsx'
import { FindFilter } from './FindFilter.tsx'
import type { Kind } from './use-found.ts'

const of = (kind: Kind) => (props: ChosenProps) => createElement(FindFilter, { kind, ...props })

/** Made once: a component made anew with each drawing would lose what is open in it. */
const choices = {
  person: of('person'),
  team: of('team'),
  role: of('role'),
  segment: of('segment'),
  project: of('project'),
  context: of('context'),
}

/** A filter of a list by one person, team, role, segment, project or context, found among however many there are. */
export const findFilter = (kind: Kind, key: string, label: string): FoundFilter => ({
  key,
  label,
  Choice: choices[kind],
})
