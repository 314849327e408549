import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { announce } from './announce.ts'
import classes from './Copyable.module.css'

/** An identifier in mono with a copy button; `short` shows only its end, the whole is copied and in the title. */
export function Copyable({ text, what, short }: { text: string; what: string; short?: boolean }) {
  const [copied, setCopied] = useState(false)
  const copy = () => {
    const shown = () => {
      setCopied(true)
      announce(`${what} copied`)
      setTimeout(() => setCopied(false), 1500)
    }
    navigator.clipboard.writeText(text).then(shown, () => announce('The browser refused to copy'))
  }
  const label = copied ? 'Copied' : `Copy ${what}`
  return (
    <span className={classes.copyable}>
      <span className="sp-mono" title={text}>
        {short && text.length > 12 ? `…${text.slice(-8)}` : text}
      </span>
      <Tooltip label={label}>
        <ActionIcon
          size={24}
          variant="subtle"
          color="gray"
          aria-label={`Copy ${what}`}
          onClick={(event) => {
            event.stopPropagation()
            copy()
          }}
        >
          {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        </ActionIcon>
      </Tooltip>
    </span>
  )
}
