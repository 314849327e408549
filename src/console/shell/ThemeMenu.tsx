import { ActionIcon, useMantineColorScheme } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { schemes } from './theme-schemes.ts'

const ThemeChoice = lazy(() =>
  import('./ThemeChoice.tsx').then((m) => ({ default: m.ThemeChoice })),
)

/** System, light or dark; remembered. */
export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const [wanted, setWanted] = useState(false)
  const Current = (schemes.find(({ value }) => value === colorScheme) ?? schemes[0]).icon
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-label="Choose the theme"
      aria-haspopup="menu"
      onClick={() => setWanted(true)}
    >
      <Current size={18} stroke={1.6} />
    </ActionIcon>
  )
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <ThemeChoice current={colorScheme} onChoose={setColorScheme}>
        {button}
      </ThemeChoice>
    </Suspense>
  )
}
