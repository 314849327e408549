import { Popover } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDevices, IconLogout, IconShieldCheck, IconUser } from '@tabler/icons-react'
import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { Facts } from '../ui/Facts.tsx'
import { Time } from '../ui/Time.tsx'
import { useNow } from '../ui/use-now.ts'
import classes from './SessionMenu.module.css'
import { useShellSession } from './session.ts'

const initials = (name: string) =>
  name
    .split(' ')
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join('')

/** My session: how and when I was verified, until when sensitive operations go without asking again, and the way out. */
export function SessionMenu() {
  const session = useShellSession()
  const fresh = new Date(session.stepUpUntil).getTime() > useNow()
  const [opened, { toggle, close }] = useDisclosure(false)
  const act = (what: () => void) => () => {
    close()
    what()
  }
  return (
    <Popover width={320} position="bottom-end" opened={opened} onDismiss={close} trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.me}
          aria-label={`My session: ${session.person.name}`}
          onClick={toggle}
        >
          <span aria-hidden className={classes.avatar} data-fresh={fresh || undefined}>
            {initials(session.person.name)}
          </span>
        </button>
      </Popover.Target>
      {/* Facts and actions: a dialog, for a menu may hold nothing but its items. */}
      <Popover.Dropdown p={4} aria-label="My session">
        <div className={classes.facts}>
          <strong>{session.person.name}</strong>
          <span className="sp-dim">{session.person.email}</span>
          <Facts
            of={{
              Verified: <Time at={session.verifiedAt} />,
              By: session.verifiedBy,
              'Sensitive operations': fresh ? (
                <span>
                  open, closing <Time at={session.stepUpUntil} />
                </span>
              ) : (
                'ask me to verify again'
              ),
            }}
          />
        </div>
        <button type="button" className={classes.act} onClick={act(session.verifyAgain)}>
          <IconShieldCheck size={16} aria-hidden /> Verify me again
        </button>
        <Link className={classes.act} to={paths.person(session.person.id)} onClick={close}>
          <IconUser size={16} aria-hidden /> See my access
        </Link>
        <Link className={classes.act} to={paths.mySessions()} onClick={close}>
          <IconDevices size={16} aria-hidden /> See my sessions
        </Link>
        <button type="button" className={classes.act} onClick={act(session.signOut)}>
          <IconLogout size={16} aria-hidden /> Sign out
        </button>
      </Popover.Dropdown>
    </Popover>
  )
}
