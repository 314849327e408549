import { useMantineColorScheme } from '@mantine/core'
import type { Group } from './navigation.ts'
import { useShellSession } from './session.ts'

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

/** What the palette offers for what was typed: pages, actions and found objects; a word matches anywhere in a name. */
export function useFound(
  typed: string,
  groups: readonly Group[],
): { sections: readonly Section[]; searching: boolean } {
  const { setColorScheme } = useMantineColorScheme()
  const session = useShellSession()
  const words = typed.trim().toLowerCase().split(/\s+/)
  const matches = (text: string) => words.every((word) => text.toLowerCase().includes(word))

  const pages: Entry[] = groups.flatMap((group) =>
    group.places.map((place) => ({
      key: place.to,
      label: place.label,
      to: place.to,
      ...(group.label && { detail: group.label }),
    })),
  )
  const actions: Entry[] = [
    { key: 'light', label: 'Use the light theme', run: () => setColorScheme('light') },
    { key: 'dark', label: 'Use the dark theme', run: () => setColorScheme('dark') },
    { key: 'auto', label: "Use the system's theme", run: () => setColorScheme('auto') },
    { key: 'verify', label: 'Verify me again', run: session.verifyAgain },
    { key: 'out', label: 'Sign out', run: session.signOut },
  ]
  const sections: Section[] = [
    { label: 'Go to', entries: pages.filter((entry) => matches(entry.label)) },
    { label: 'Act', entries: actions.filter((entry) => matches(entry.label)) },
  ]
  return { sections: sections.filter((section) => section.entries.length > 0), searching: false }
}
