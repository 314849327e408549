import { Button, Group } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Export } from '../../../contract/exports.ts'
import { respond, useChange } from '../../api/client.ts'
import { saveFile } from '../../parts/save-file.ts'
import { toast } from '../../ui/toasts.ts'
import { exportFormats, exportNouns } from '../../parts/export-words.ts'

/** What one may do with a file: take it, go on with it, stop it; whoever asked for it, and who may stop others’. */
export function ExportActions({ of: row }: { of: Export }) {
  const { id: exportId, what, format, allowed, createdAt } = row
  const client = useQueryClient()
  const onError = (error: Error) => toast(error.message, { tone: 'failed' })
  const cancel = useChange('exports.cancel')
  const resume = useChange('exports.resume')
  const take = useMutation({
    mutationFn: async () => {
      const answer = await respond('exports.download', { exportId }, 'application/octet-stream')
      await saveFile(answer, `${what}-${createdAt.slice(0, 10)}.${format}`)
    },
    onError(error) {
      onError(error)
      void client.invalidateQueries({ queryKey: ['exports'] })
    },
  })
  if (allowed.length === 0) return null
  const name = `${exportNouns[what]}, ${exportFormats[format]}`
  const change = (which: typeof cancel | typeof resume) => () =>
    which.mutate({ input: { exportId } }, { onError })
  return (
    <Group gap={4} wrap="nowrap">
      {allowed.includes('download') && (
        <Act label="Download" name={name} busy={take.isPending} onClick={() => take.mutate()} />
      )}
      {allowed.includes('resume') && (
        <Act label="Resume" name={name} busy={resume.isPending} onClick={change(resume)} />
      )}
      {allowed.includes('cancel') && (
        <Act label="Cancel" name={name} busy={cancel.isPending} onClick={change(cancel)} />
      )}
    </Group>
  )
}

function Act(props: { label: string; name: string; busy: boolean; onClick: () => void }) {
  const { label, name, busy, onClick } = props
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`${label} ${name}`}
      loading={busy}
      onClick={onClick}
    >
      {label}
    </Button>
  )
}
