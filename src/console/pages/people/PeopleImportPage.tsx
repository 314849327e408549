import { Button, FileButton, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { ImportResult } from '../../../contract/people.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Status, type Meaning } from '../../ui/Status.tsx'
import { toast } from '../../ui/toasts.ts'

export const handle = { crumb: 'Import' }

type Line = ImportResult['lines'][number]

const meanings: Readonly<Record<Line['what'], Meaning>> = {
  added: 'good',
  changed: 'would',
  unchanged: 'plain',
  error: 'denied',
}
const words = { added: 'Added', changed: 'Changed', unchanged: 'Unchanged', error: 'Wrong' }

const columns: Column<Line>[] = [
  { key: 'line', title: 'Line', width: '70px', align: 'end', cell: (row) => num(row.line) },
  {
    key: 'what',
    title: 'What happens',
    width: '130px',
    keep: true,
    cell: (row) => <Status is={meanings[row.what]}>{words[row.what]}</Status>,
  },
  { key: 'name', title: 'Name', width: '200px', cell: (row) => row.name },
  { key: 'email', title: 'E-mail', width: '240px', cell: (row) => row.email },
  { key: 'says', title: 'Details', keep: true, cell: (row) => row.says },
]

const example = 'email,name,title,team,lead\nmia@example.com,Mia Berg,Engineer,Payments,false\n'

/** People and teams from CSV: previewed line by line, then imported whole or not at all. */
export function Component() {
  const navigate = useNavigate()
  const [csv, setCsv] = useState('')
  const preview = useChange('people.preview')
  const save = useChange('people.import')
  const errors = formErrors(save.error ?? preview.error)
  const seen = preview.data
  const current = seen !== undefined && preview.variables.input.csv === csv
  const submit = () => {
    if (!current) {
      preview.mutate({ input: { csv } })
      return
    }
    save.mutate(
      { input: { csv } },
      {
        onSuccess: ({ added, changed }) => {
          toast(`${count(added, 'person', 'people')} added, ${num(changed)} changed.`)
          void navigate(paths.people())
        },
      },
    )
  }
  const blocked =
    csv.trim() === ''
      ? 'Paste or choose a file first.'
      : current && seen.errors > 0
        ? `Mend ${count(seen.errors, 'line')} first: all is imported, or nothing.`
        : undefined
  return (
    <Page
      title="Import people"
      purpose="A list from the people office: who is there, in which team, and who leads it."
    >
      <Form
        submit={current ? 'Import people' : 'Preview import'}
        onSubmit={submit}
        onCancel={() => void navigate(paths.people())}
        busy={preview.isPending || save.isPending}
        errors={errors}
        blocked={blocked}
      >
        <div>
          <FileButton
            accept="text/csv,.csv"
            onChange={(file) => void file?.text().then((text) => setCsv(text))}
          >
            {(props) => <Button {...props}>Choose file</Button>}
          </FileButton>
        </div>
        <Textarea
          {...field('csv', errors)}
          label="CSV"
          description="The first line names the columns: email and name at least; title, team and lead besides."
          placeholder={example}
          classNames={{ input: 'sp-mono' }}
          autosize
          minRows={8}
          maxRows={20}
          spellCheck={false}
          value={csv}
          onChange={(event) => setCsv(event.currentTarget.value)}
        />
      </Form>
      {seen && (
        <Panel
          title="What the import changes"
          aside={
            <span role="status">
              {num(seen.added)} added, {num(seen.changed)} changed, {num(seen.unchanged)} unchanged,{' '}
              {num(seen.errors)} wrong
            </span>
          }
          flush
        >
          <DataTable
            label="Lines of the import"
            columns={columns}
            rows={seen.lines}
            rowKey={(row) => `${row.line} ${row.email}`}
            empty={<Empty title="Nothing changes">Everybody is known as the list says.</Empty>}
          />
        </Panel>
      )}
    </Page>
  )
}
