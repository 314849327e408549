import { useMantineColorScheme } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Found, FoundKind } from '../../contract/search.ts'
import { query } from '../api/client.ts'
import { pathOf, paths } from '../paths.ts'
import { innerPlaces, type Group } from './navigation.ts'
import { useShellSession } from './session.ts'
import { useSettled } from '../ui/use-settled.ts'

export interface Entry {
  readonly key: string
  readonly label: string
  readonly detail?: string
  readonly to?: string
  readonly run?: () => void
}
export interface Section {
  readonly label: string
  readonly entries: readonly Entry[]
}

const kinds: readonly (readonly [FoundKind, string])[] = [
  ['person', 'People'],
  ['team', 'Teams'],
  ['role', 'Roles'],
  ['project', 'Projects'],
  ['context', 'Contexts'],
  ['secret', 'Secrets'],
  ['policy', 'Policies'],
  ['segment', 'Segments'],
  ['issuer', 'Issuers'],
  ['trustRule', 'Trust rules'],
  ['vault', 'Vault servers'],
  ['review', 'Access reviews'],
  ['control', 'Controls'],
]

/** Waits until the typing rests, so that a word costs one request. */
const restMs = 120

const foundEntry = ({ kind, id, name, detail, context }: Found): Entry => ({
  key: `${kind} ${id}`,
  label: name,
  ...(detail && { detail }),
  to: context ? paths.context(context.id) : (pathOf(kind, id) ?? paths.overview()),
})

/** What one may see by the name that was typed, a section for each kind. */
function useSearch(
  typed: string,
  matches: (text: string) => boolean,
): { found: Section[]; searching: boolean } {
  const q = useSettled(typed, restMs)
  const { data, isFetching, isPlaceholderData } = useQuery({
    ...query('search.everything', { q }),
    enabled: q !== '',
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
  // Until what was typed is answered, only what it still names: Enter must not go to what another word found.
  const answered = q === typed && !isPlaceholderData
  const items = (typed === '' ? [] : (data?.items ?? [])).filter(
    ({ name, detail, context }) =>
      answered || matches([name, detail, context?.name].filter(Boolean).join(' ')),
  )
  const found = kinds.map(([kind, label]) => ({
    label,
    entries: items.filter((item) => item.kind === kind).map(foundEntry),
  }))
  return { found, searching: isFetching || q !== typed }
}

/** What the palette offers for what was typed: pages, actions and found objects; a word matches anywhere in a name. */
export function useFound(
  typed: string,
  groups: readonly Group[],
): { sections: readonly Section[]; searching: boolean } {
  // Else the library holds transitions back by a style element that it writes as markup (Trusted Types).
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const session = useShellSession()
  const words = typed.trim().toLowerCase().split(/\s+/)
  const matches = (text: string) => words.every((word) => text.toLowerCase().includes(word))
  const { found, searching } = useSearch(typed.trim(), matches)

  const pages: Entry[] = groups.flatMap((group) =>
    group.places.map((place) => ({
      key: place.to,
      label: place.label,
      to: place.to,
      ...(group.label && { detail: group.label }),
    })),
  )
  const within: Entry[] = innerPlaces
    .filter(({ inner: { may } }) => !may || session.holds(may))
    .map(({ place, inner: { label, to } }) => ({ key: to, label, to, detail: place.label }))
  const actions: Entry[] = [
    { key: 'light', label: 'Use the light theme', run: () => setColorScheme('light') },
    { key: 'dark', label: 'Use the dark theme', run: () => setColorScheme('dark') },
    { key: 'auto', label: "Use the system's theme", run: () => setColorScheme('auto') },
    { key: 'verify', label: 'Verify me again', run: session.verifyAgain },
    { key: 'out', label: 'Sign out', run: session.signOut },
  ]
  const sections: Section[] = [
    { label: 'Go to', entries: [...pages, ...within].filter((entry) => matches(entry.label)) },
    ...found,
    { label: 'Act', entries: actions.filter((entry) => matches(entry.label)) },
  ]
  return { sections: sections.filter((section) => section.entries.length > 0), searching }
}
