import { useMutation } from '@tanstack/react-query'
import type { AuditSearch } from '../../../contract/audit.ts'
import { takeFile } from '../../parts/take-file.ts'
import { toast } from '../../ui/toasts.ts'

const files = {
  'audit.export': ['text/csv', 'audit.csv'],
  'audit.exportLines': ['application/x-ndjson', 'audit.ndjson'],
  'audit.evidence': ['application/zip', 'evidence.zip'],
} as const

/** Takes what a search finds away as a file. */
export function useExport(search: AuditSearch) {
  return useMutation({
    mutationFn: (id: keyof typeof files) => takeFile(id, search, files[id]),
    onError: (error) => toast(error.message, { tone: 'failed' }),
  })
}
