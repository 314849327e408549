import type { ExportRow } from './store.ts'

/** What an event calls an export. */
export const exportResource = ({
  id,
  what,
  format,
  createdByName,
}: Pick<ExportRow, 'id' | 'what' | 'format' | 'createdByName'>) => ({
  kind: 'export',
  id,
  name: `${what} as ${format} for ${createdByName}`,
})
