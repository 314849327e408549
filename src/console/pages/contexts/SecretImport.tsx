import { Textarea } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ImportLine } from '../../../contract/contexts.ts'
import { call, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { Status, type Meaning } from '../../ui/Status.tsx'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'

const changes: Record<ImportLine['change'], { is: Meaning; word: string }> = {
  new: { is: 'good', word: 'New' },
  replace: { is: 'would', word: 'Replaces' },
  same: { is: 'unknown', word: 'Same value' },
  error: { is: 'denied', word: 'Cannot be imported' },
}

/** A `.env` text: what each line would change is shown before anything is stored; then all of it is stored, or nothing. */
export function SecretImport(props: { contextId: string; opened: boolean; onClose: () => void }) {
  const { contextId, opened, onClose } = props
  const [text, setText] = useState('')
  const settled = useSettled(text, 300)
  // The text holds secrets: its answer is forgotten as soon as it is not shown, and the text is in no key that is kept.
  const preview = useQuery({
    queryKey: ['contexts', 'previewImport', contextId, settled],
    queryFn: ({ signal }) =>
      call('contexts.previewImport', { contextId, text: settled }, { signal }),
    enabled: opened && settled.trim() !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const store = useChange('contexts.importSecrets')
  const errors = formErrors(store.error)
  const problems = preview.data?.problems ?? 0
  const save = () =>
    store.mutate(
      { input: { contextId, text } },
      {
        onSuccess: ({ stored, replaced, unchanged }) => {
          toast(`${count(stored, 'secret')} stored, ${replaced} replaced, ${unchanged} unchanged.`)
          onClose()
        },
      },
    )
  return (
    <SideDrawer title="Import .env text" opened={opened} onClose={onClose} wide>
      <Form
        submit="Import secrets"
        onSubmit={save}
        onCancel={onClose}
        busy={store.isPending}
        errors={errors}
        blocked={
          text.trim() === ''
            ? 'Paste a text with NAME=value lines.'
            : problems > 0
              ? `Mend ${count(problems, 'line')} first.`
              : settled !== text || !preview.data
                ? 'Reading the text.'
                : undefined
        }
        impact={preview.data && text.trim() !== '' && <Preview lines={preview.data.items} />}
      >
        <Textarea
          {...field('text', errors)}
          label="Text"
          description="One NAME=value a line; 'literal' or &quot;escaped&quot; quotes may span lines; # begins a comment. Nothing is expanded."
          classNames={{ input: 'sp-mono' }}
          autosize
          minRows={8}
          maxRows={20}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ProblemNotice error={preview.error} />
      </Form>
    </SideDrawer>
  )
}

function Preview({ lines }: { lines: readonly ImportLine[] }) {
  return (
    <table aria-label="What the import changes">
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">Name</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.line}>
            <td className="sp-num">{line.line}</td>
            <td className="sp-mono">{line.name ?? '–'}</td>
            <td>
              <Status is={changes[line.change].is}>{changes[line.change].word}</Status>{' '}
              {line.problem}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
