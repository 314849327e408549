import { MultiSelect } from '@mantine/core'

/** Which projects a template speaks of: fetched when a template asks for them. */
export function TemplateProjects({
  projects,
  value,
  onChange,
}: {
  projects: readonly { readonly id: string; readonly name: string }[]
  value: readonly string[]
  onChange: (next: string[]) => void
}) {
  return (
    <MultiSelect
      label="Projects"
      description="By their ids, so that a renamed project keeps its place."
      searchable
      data={projects.map(({ id, name }) => ({ value: id, label: name }))}
      value={[...value]}
      onChange={onChange}
    />
  )
}
