import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

/** Neutral greys with a slight blue-green; the library's own parts fall back on them. */
const gray: MantineColorsTuple = [
  '#f7f9f9',
  '#eff3f3',
  '#e4eaea',
  '#d5dddd',
  '#b8c4c3',
  '#93a1a0',
  '#6b7a79',
  '#4a5857',
  '#2a3635',
  '#14201f',
]
const dark: MantineColorsTuple = [
  '#e4ecec',
  '#c3cfce',
  '#a3b2b1',
  '#7c8d8c',
  '#4b5b5a',
  '#2c3938',
  '#1f2a2a',
  '#151d1d',
  '#0f1616',
  '#0a0f0f',
]
const accent: MantineColorsTuple = [
  '#e3f5f3',
  '#c4e9e5',
  '#93d8d1',
  '#5fc5bc',
  '#37b3a8',
  '#1b9b91',
  '#0f817a',
  '#0b6b66',
  '#085450',
  '#053d3a',
]

const family = (color: string | undefined) =>
  color === 'red' ? 'danger' : color === 'gray' ? 'neutral' : 'accent'

/** Every colour of a control comes from our tokens (tokens.css), so both themes and their contrast are decided there. */
const variantColorResolver: VariantColorsResolver = ({ color, variant }) => {
  const of = family(color)
  if (variant === 'filled') {
    return {
      background: `var(--sp-${of}-fill)`,
      hover: `var(--sp-${of}-fill-hover)`,
      color: `var(--sp-on-${of})`,
      border: '1px solid transparent',
    }
  }
  if (variant === 'light') {
    return {
      background: `var(--sp-${of}-soft)`,
      hover: `var(--sp-${of}-soft-hover)`,
      color: `var(--sp-${of}-text)`,
      border: '1px solid transparent',
    }
  }
  if (variant === 'subtle' || variant === 'transparent') {
    return {
      background: 'transparent',
      hover: variant === 'subtle' ? 'var(--sp-hover)' : 'transparent',
      color: `var(--sp-${of}-text)`,
      border: '1px solid transparent',
    }
  }
  return {
    background: 'var(--sp-surface)',
    hover: 'var(--sp-hover)',
    color: of === 'accent' ? 'var(--sp-text)' : `var(--sp-${of}-text)`,
    border: '1px solid var(--sp-border-control)',
  }
}

/** The library's semantic variables, pointed at our tokens; the same in both schemes because the tokens switch. */
const semantic = {
  '--mantine-color-body': 'var(--sp-bg)',
  '--mantine-color-text': 'var(--sp-text)',
  '--mantine-color-bright': 'var(--sp-text)',
  '--mantine-color-dimmed': 'var(--sp-text-2)',
  '--mantine-color-placeholder': 'var(--sp-text-3)',
  '--mantine-color-anchor': 'var(--sp-accent-text)',
  '--mantine-color-default': 'var(--sp-surface)',
  '--mantine-color-default-hover': 'var(--sp-hover)',
  '--mantine-color-default-color': 'var(--sp-text)',
  '--mantine-color-default-border': 'var(--sp-border)',
  '--mantine-color-error': 'var(--sp-denied-text)',
  '--mantine-primary-color-filled': 'var(--sp-accent-fill)',
  '--mantine-primary-color-filled-hover': 'var(--sp-accent-fill-hover)',
  '--mantine-color-accent-filled': 'var(--sp-accent-fill)',
  '--mantine-color-disabled': 'var(--sp-sunken)',
  '--mantine-color-disabled-color': 'var(--sp-text-3)',
  '--mantine-color-disabled-border': 'var(--sp-border)',
}
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: semantic,
  dark: semantic,
})

const close = { 'aria-label': 'Close' }
/** Scrolling is locked by base.css (`:has`), not by the library: its lock writes a style element of its own. */
const overlay = {
  lockScroll: false,
  overlayProps: { backgroundOpacity: 1, color: 'var(--sp-overlay)' },
  closeButtonProps: close,
  transitionProps: { duration: 120 },
} as const
/** Inputs outlined strongly enough to be found: 3:1 against the surface (WCAG 1.4.11). */
const input = { styles: { input: { borderColor: 'var(--sp-border-control)' } } }

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  colors: { accent, gray, dark },
  variantColorResolver,
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, 'SFMono-Regular', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  headings: { fontWeight: '600' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '3px', sm: '5px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Plain objects: `Component.extend` is for types only, and would load every component with the shell.
  components: {
    Button: {
      defaultProps: { size: 'sm', variant: 'default' },
      vars: () => ({
        root: { '--button-height': '32px', '--button-padding-x': '12px', '--button-fz': '13px' },
      }),
      styles: { label: { fontWeight: 500 } },
    },
    CloseButton: { defaultProps: close },
    Modal: { defaultProps: { ...overlay, centered: true } },
    Drawer: { defaultProps: { ...overlay, position: 'right' } },
    Menu: {
      // The placeholder is a focusable child that is no menu item; without it the first item has the focus.
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        transitionProps: { duration: 0 },
        withInitialFocusPlaceholder: false,
      },
    },
    Popover: {
      defaultProps: { shadow: 'md', transitionProps: { duration: 0 }, returnFocus: true },
    },
    Tooltip: {
      defaultProps: {
        openDelay: 250,
        withArrow: false,
        multiline: true,
        maw: 360,
        events: { hover: true, focus: true, touch: true },
        transitionProps: { duration: 0 },
      },
      styles: {
        tooltip: {
          background: 'var(--sp-tooltip)',
          color: 'var(--sp-on-tooltip)',
          fontSize: '12px',
          lineHeight: '16px',
          padding: '6px 8px',
        },
      },
    },
    TextInput: { defaultProps: { size: 'sm' }, ...input },
    Textarea: { defaultProps: { size: 'sm', autosize: false }, ...input },
    NumberInput: { defaultProps: { size: 'sm' }, ...input },
    Autocomplete: { defaultProps: { size: 'sm' }, ...input },
    MultiSelect: { defaultProps: { size: 'sm' }, ...input },
    Select: {
      defaultProps: { size: 'sm', checkIconPosition: 'right', allowDeselect: false },
      ...input,
    },
    Checkbox: { defaultProps: { size: 'xs' }, ...input },
    Switch: { defaultProps: { size: 'sm' } },
    Badge: {
      defaultProps: { variant: 'light', size: 'sm', radius: 'sm' },
      styles: { label: { textTransform: 'none', fontWeight: 500, letterSpacing: 0 } },
    },
  },
})
