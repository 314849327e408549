import { Button, CloseButton } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react'
import classes from './Toasts.module.css'
import { dismissToast, useToasts } from './toasts.ts'

const icon = {
  done: <IconCheck size={16} aria-hidden />,
  info: <IconInfoCircle size={16} aria-hidden />,
  failed: <IconAlertTriangle size={16} aria-hidden />,
}

/** The corner where `toast(…)` speaks; a live region, so that it is heard too. */
export function Toasts() {
  const toasts = useToasts()
  return (
    <div className={classes.corner} role="log" aria-label="Messages" aria-live="polite">
      {toasts.map((each) => (
        <div key={each.id} className={classes.toast} data-tone={each.tone}>
          <span className={classes.icon}>{icon[each.tone]}</span>
          <span className={classes.text}>{each.text}</span>
          {each.action && (
            <Button
              variant="subtle"
              onClick={() => {
                each.action?.run()
                dismissToast(each.id)
              }}
            >
              {each.action.label}
            </Button>
          )}
          <CloseButton
            size="sm"
            aria-label="Dismiss this message"
            onClick={() => dismissToast(each.id)}
          />
        </div>
      ))}
    </div>
  )
}
