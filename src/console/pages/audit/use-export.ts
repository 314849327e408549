import { useMutation } from '@tanstack/react-query'
import type { AuditSearch } from '../../../contract/audit.ts'
import { respond } from '../../api/client.ts'
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
      const answer = await respond(id, search, media)
      // What breaks off is cut by the server; half a file is not saved as if it were whole.
      const file = await answer.blob().catch(() => {
        throw new Error('The file broke off before its end, and nothing was saved. Take it again.')
      })
      const url = URL.createObjectURL(file)
      const link = document.createElement('a')
      link.href = url
      link.download = name
      link.click()
      URL.revokeObjectURL(url)
    },
    onError: (error) => toast(error.message, { tone: 'failed' }),
  })
}
