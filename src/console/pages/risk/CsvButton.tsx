import { Button } from '@mantine/core'
import { csvOfRows, downloadCsv } from '../../ui/chart-csv.ts'

/** Takes what a panel shows away as a table. */
export function CsvButton({
  name,
  rows,
}: {
  readonly name: string
  readonly rows: readonly (readonly (string | number)[])[]
}) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      aria-label={`Download CSV: ${name}`}
      onClick={() => downloadCsv(name, csvOfRows(rows))}
    >
      Download CSV
    </Button>
  )
}
