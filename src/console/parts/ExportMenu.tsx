import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ExportAsked } from '../../contract/exports.ts'
import { useBackgroundExport } from './use-background-export.ts'

/** Takes what a list shows away in the background: by the query of the page, which is its address. */
export function ExportMenu({
  what,
  noun,
  query,
}: {
  what: ExportAsked['what']
  /** What the rows are called: "decisions". */
  noun: string
  query: object
}) {
  const { busy, ask } = useBackgroundExport()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          loading={busy}
          leftSection={<IconDownload size={15} />}
        >
          Export {noun}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>In the background</Menu.Label>
        <Menu.Item onClick={() => ask(what, 'csv', query)}>As CSV, for spreadsheets</Menu.Item>
        <Menu.Item onClick={() => ask(what, 'ndjson', query)}>
          As NDJSON, one object a line
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
