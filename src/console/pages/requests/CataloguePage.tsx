import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import type { CatalogueRole } from '../../../contract/requests.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import classes from './requests.module.css'
import { duration } from '../../../contract/duration.ts'
import { ruleSentence } from './rule-words.ts'

const RuleForm = lazy(() => import('./RuleForm.tsx').then((m) => ({ default: m.RuleForm })))
const PermissionList = lazy(() =>
  import('../../parts/PermissionList.tsx').then((m) => ({ default: m.PermissionList })),
)

export const handle = { crumb: 'What may be asked for' }

/** Every role with what it would permit, for how long it may be asked for, and who must approve. */
export function Component() {
  const { data, error } = useQuery(query('requests.catalogue', {}))
  const [editing, setEditing] = useState<CatalogueRole>()
  return (
    <Page
      title="What may be asked for"
      purpose="Each role with what it permits, for how long it may be asked for, and how many must approve."
    >
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={8} />}
      {data?.items.map((role) => (
        <Panel
          key={role.id}
          title={role.name}
          aside={
            <span className={classes.acts}>
              {!role.rule.requestable && <Status is="unknown">Cannot be asked for</Status>}
              {data.configurable && (
                <Button aria-label={`Change rule of ${role.name}`} onClick={() => setEditing(role)}>
                  Change rule
                </Button>
              )}
              {role.rule.requestable && (
                <Button
                  component={Link}
                  to={paths.requestNew({ role: role.id })}
                  aria-label={`Ask for ${role.name}`}
                >
                  Ask for it
                </Button>
              )}
            </span>
          }
        >
          <p>{role.description}</p>
          {role.rule.requestable && (
            <p className="sp-dim">
              For at most {duration(role.rule.maxMinutes)}. {ruleSentence(role.rule)}
            </p>
          )}
          <Permissions role={role} />
        </Panel>
      ))}
      <SideDrawer
        title={editing ? `How ${editing.name} may be asked for` : ''}
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
      >
        <Suspense fallback={<Skeletons lines={6} />}>
          {editing && (
            <RuleForm key={editing.id} role={editing} onDone={() => setEditing(undefined)} />
          )}
        </Suspense>
      </SideDrawer>
    </Page>
  )
}

/** Folded: sixty permissions are read by whoever asks for them. */
function Permissions({ role }: { readonly role: CatalogueRole }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{role.permissions.length} permissions</summary>
      <Suspense fallback={<Skeletons lines={4} />}>
        {open && <PermissionList permissions={role.permissions} />}
      </Suspense>
    </details>
  )
}
