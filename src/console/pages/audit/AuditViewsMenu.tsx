import { Button, Menu, Popover, Stack, TextInput } from '@mantine/core'
import { IconBookmark } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AuditSearch } from '../../../contract/audit.ts'
import { query, useChange } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'

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
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={15} />}>
            Saved views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.data?.items.length === 0 && (
            <Menu.Item data-disabled aria-disabled>
              No saved views yet
            </Menu.Item>
          )}
          {views.data?.items.map((view) => (
            <Menu.Item key={view.id} onClick={() => onOpen(view.search)}>
              {view.name}
            </Menu.Item>
          ))}
          {views.data?.items.map((view) => (
            <Menu.Item
              key={`delete ${view.id}`}
              color="red"
              onClick={() => remove.mutate({ input: { viewId: view.id }, version: view.version })}
            >
              Delete “{view.name}”
            </Menu.Item>
          ))}
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
