import { useMutation } from '@tanstack/react-query'
import type { AuditSearch } from '../../../contract/audit.ts'
import { respond } from '../../api/client.ts'
import { saveFile } from '../../parts/save-file.ts'
import { toast } from '../../ui/toasts.ts'

const files = {
  'audit.export': ['text/csv', 'audit.csv'],
  'audit.exportLines': ['application/x-ndjson', 'audit.ndjson'],
  'audit.evidence': ['application/zip', 'evidence.zip'],
} as const

/** Takes what a search finds away as a file; asks for a recent sign-in first, as the contract says. */
export function useExport(search: AuditSearch) {
  return useMutation({
    mutationFn: async (id: keyof typeof files) => {
      const [media, name] = files[id]
      await saveFile(await respond(id, search, media), name)
    },
    onError: (error) => toast(error.message, { tone: 'failed' }),
  })
}
