import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'

export const schemes = [
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
] as const

export type Scheme = (typeof schemes)[number]['value']
