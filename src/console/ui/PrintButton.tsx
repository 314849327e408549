import { Button } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'

/** Prints the page, of which base.css says how it reads on paper. */
export function PrintButton() {
  return (
    <Button
      variant="default"
      leftSection={<IconPrinter size={15} />}
      onClick={() => window.print()}
    >
      Print
    </Button>
  )
}
