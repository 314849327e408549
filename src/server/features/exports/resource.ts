import type { ExportRow } from './store.ts'

/** What an event calls an export. */
export const exportResource = ({
  id,
  what,
  format,
  aboutName,
  createdByName,
}: Pick<ExportRow, 'id' | 'what' | 'format' | 'aboutName' | 'createdByName'>) => ({
  kind: 'export',
  id,
  name: `${what}${aboutName === null ? '' : ` of ${aboutName}`} as ${format} for ${createdByName}`,
})
