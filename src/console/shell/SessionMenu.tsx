import { Menu } from '@mantine/core'
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
  return (
    <Menu width={320}>
      <Menu.Target>
        <button
          type="button"
          className={classes.me}
          aria-label={`My session: ${session.person.name}`}
        >
          <span aria-hidden className={classes.avatar} data-fresh={fresh || undefined}>
            {initials(session.person.name)}
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
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
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconShieldCheck size={16} />}
          onClick={() => session.verifyAgain()}
        >
          Verify me again
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={paths.person(session.person.id)}
          leftSection={<IconUser size={16} />}
        >
          See my access
        </Menu.Item>
        <Menu.Item component={Link} to={paths.mySessions()} leftSection={<IconDevices size={16} />}>
          See my sessions
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => session.signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
