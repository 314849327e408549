import { Autocomplete } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { auditFields, parseAuditQuery, writeAuditTerm } from '../../../contract/audit-query.ts'
import type { AuditFacets } from '../../../contract/audit.ts'

const last = /\S*$/

/** The query, with suggestions for the word being typed: a field first, then values that the facets know. */
export function AuditQueryBox({
  value,
  facets,
  onChange,
}: {
  value: string
  facets: AuditFacets['facets'] | undefined
  onChange: (q: string) => void
}) {
  const [typed, setTyped] = useState(value)
  // Back, a facet or a saved view changes the URL from outside: the box then follows it.
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    setTyped(value)
  }
  const query = parseAuditQuery(typed)
  const word = last.exec(typed)?.[0] ?? ''
  const before = typed.slice(0, typed.length - word.length)
  const [field = '', begun] = word.split(':', 2)
  const words =
    begun === undefined
      ? auditFields.filter((each) => each.startsWith(field)).map((each) => `${each}:`)
      : (facets?.find((facet) => facet.field === field)?.values ?? [])
          .filter(({ label }) => label.toLowerCase().includes(begun.toLowerCase()))
          .map(({ label, value: id }) => writeAuditTerm(field, field === 'outcome' ? id : label))
  return (
    <form
      role="search"
      style={{ flex: '1 1 320px' }}
      onSubmit={(event) => {
        event.preventDefault()
        onChange(typed.trim())
      }}
    >
      <Autocomplete
        aria-label="Search events"
        placeholder="actor:ada action:contexts.* outcome:denied"
        leftSection={<IconSearch size={15} aria-hidden />}
        value={typed}
        data={words.map((each) => before + each)}
        filter={({ options }) => options}
        limit={12}
        error={'error' in query && typed !== '' ? query.error : undefined}
        onChange={setTyped}
        onOptionSubmit={(next) => {
          if (!next.endsWith(':')) onChange(next)
        }}
        onBlur={() => {
          if (typed.trim() !== value && !('error' in query)) onChange(typed.trim())
        }}
      />
    </form>
  )
}
