import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ExportAsked } from '../../contract/exports.ts'
import { useBackgroundExport } from './use-background-export.ts'

/** Takes what a page shows away in the background: by the query of the page, which is its address. */
export function ExportMenu({
  what,
  noun,
  query,
  paper,
  direct,
}: {
  what: ExportAsked['what']
  /** What the rows are called: "decisions". */
  noun: string
  query: object
  /** Whether it is made as PDF as well. */
  paper?: boolean
  /** Where the page has files that are taken at once: it then stands among the actions of its page. */
  direct?: {
    readonly busy: boolean
    readonly files: readonly { readonly label: string; readonly take: () => void }[]
  }
}) {
  const { busy, ask } = useBackgroundExport()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          {...(!direct && { size: 'compact-sm' })}
          variant="default"
          loading={busy || (direct?.busy ?? false)}
          leftSection={<IconDownload size={15} />}
        >
          Export {noun}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {direct && (
          <>
            <Menu.Label>Now</Menu.Label>
            {direct.files.map(({ label, take }) => (
              <Menu.Item key={label} onClick={take}>
                {label}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Label>In the background</Menu.Label>
        <Menu.Item onClick={() => ask(what, 'csv', query)}>As CSV, for spreadsheets</Menu.Item>
        <Menu.Item onClick={() => ask(what, 'ndjson', query)}>
          As NDJSON, one object a line
        </Menu.Item>
        {paper && (
          <Menu.Item onClick={() => ask(what, 'pdf', query)}>As PDF, to read and print</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
