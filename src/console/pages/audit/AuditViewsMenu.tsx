import { Button, Menu, Popover, Stack, TextInput } from '@mantine/core'
import { IconBookmark } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AuditSearch } from '../../../contract/audit.ts'
import { query, useChange } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { MenuItems } from '../../ui/MenuItems.tsx'

/** One's own saved searches: open one, keep the present one, delete one. */
export function AuditViewsMenu({
  search,
  onOpen,
}: {
  search: AuditSearch
  onOpen: (search: AuditSearch) => void
}) {
  const views = useQuery(query('auditViews.list', { limit: 200 }))
  const remove = useChange('auditViews.remove')
  const kept = views.data?.items ?? []
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={15} />}>
            Saved views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <MenuItems
            nothing={views.isPending ? 'Loading…' : 'No saved views yet'}
            choices={[
              ...kept.map(({ name, search }) => ({ label: name, onPick: () => onOpen(search) })),
              ...kept.map(({ id, name, version }) => ({
                label: `Delete “${name}”`,
                danger: true,
                onPick: () => remove.mutate({ input: { viewId: id }, version }),
              })),
            ]}
          />
        </Menu.Dropdown>
      </Menu>
      <SaveView search={search} />
    </>
  )
}

function SaveView({ search }: { search: AuditSearch }) {
  const [opened, setOpened] = useState(false)
  const [name, setName] = useState('')
  const create = useChange('auditViews.create')
  const save = () =>
    create.mutate(
      { input: { name: name.trim(), search } },
      {
        onSuccess: () => {
          setOpened(false)
          setName('')
        },
      },
    )
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" onClick={() => setOpened(!opened)}>
          Save view
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save()
          }}
        >
          <Stack gap="xs">
            <TextInput
              label="Name of the view"
              value={name}
              maxLength={80}
              required
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <ProblemNotice error={create.error} />
            <Button type="submit" loading={create.isPending}>
              Save view
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
