import { Menu } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { schemes, type Scheme } from './theme-schemes.ts'

interface Props {
  readonly current: Scheme
  readonly onChoose: (scheme: Scheme) => void
  /** The button that opens it. */
  readonly children: ReactNode
}

/** The themes as a menu, open at once: it is loaded by the first press. */
export function ThemeChoice({ current, onChoose, children }: Props) {
  return (
    <Menu defaultOpened>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            renderRoot={(props: object) => (
              <button
                {...props}
                type="button"
                role="menuitemradio"
                aria-checked={scheme.value === current}
              />
            )}
            leftSection={<scheme.icon size={16} />}
            rightSection={scheme.value === current && <IconCheck size={14} />}
            onClick={() => onChoose(scheme.value)}
          >
            {scheme.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
