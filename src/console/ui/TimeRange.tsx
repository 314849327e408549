import { Button, Menu } from '@mantine/core'
import { IconClock } from '@tabler/icons-react'

const hour = 3_600_000
const ranges = [
  { label: 'Last hour', span: hour },
  { label: 'Last 24 hours', span: 24 * hour },
  { label: 'Last 7 days', span: 7 * 24 * hour },
  { label: 'Last 30 days', span: 30 * 24 * hour },
]
const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** The time that is searched, kept in the URL; brushing a chart may set it too. */
export function TimeRange({
  from,
  until,
  onChange,
  unset = 'All time',
}: {
  from: string | undefined
  until: string | undefined
  onChange: (range: { from: string | undefined; until: string | undefined }) => void
  /** What no range at all means here. */
  unset?: string
}) {
  const label =
    from || until
      ? `${from ? shown.format(new Date(from)) : 'The beginning'} – ${until ? shown.format(new Date(until)) : 'now'}`
      : unset
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconClock size={15} />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ranges.map(({ label: name, span }) => (
          <Menu.Item
            key={name}
            onClick={() =>
              onChange({ from: new Date(Date.now() - span).toISOString(), until: undefined })
            }
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => onChange({ from: undefined, until: undefined })}>
          {unset}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
