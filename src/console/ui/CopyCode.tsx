import { Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { announce } from './announce.ts'
import classes from './CopyCode.module.css'

/** Text to take along, whole, in one click; it needs no editor. */
export function CopyCode({ name, text }: { readonly name: string; readonly text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () => {
    const shown = () => {
      setCopied(true)
      announce(`${name} copied`)
      setTimeout(() => setCopied(false), 1500)
    }
    navigator.clipboard.writeText(text).then(shown, () => announce('The browser refused to copy'))
  }
  return (
    <div className={classes.code}>
      <div className={classes.head}>
        <code>{name}</code>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={copy}
        >
          {copied ? 'Copied' : 'Copy snippet'}
        </Button>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so it must be reachable by keyboard (WCAG 2.1.1) */}
      <pre tabIndex={0} role="region" aria-label={name}>
        <code>{text}</code>
      </pre>
    </div>
  )
}
