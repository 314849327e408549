import { Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Provider } from '../../../contract/projects.ts'
import { query } from '../../api/client.ts'
import { field, type FormError } from '../../ui/Form.tsx'
import { providers } from './providers.ts'

export interface ProjectDraft {
  readonly name: string
  readonly slug: string
  readonly provider: Provider
  readonly repository: string
  readonly defaultBranch: string
  readonly segmentId: string
  readonly teamId: string | null
  readonly externalId: string | null
}

/** What is missing before the draft can be saved. */
export const missingOf = (draft: ProjectDraft): string | undefined =>
  draft.name.trim() === ''
    ? 'Give it a name.'
    : draft.slug === ''
      ? 'Say how the CI system calls it.'
      : draft.repository === ''
        ? 'Name its repository.'
        : draft.segmentId === ''
          ? 'Choose a segment.'
          : undefined

interface Props {
  readonly draft: ProjectDraft
  readonly onChange: (draft: ProjectDraft) => void
  readonly errors: readonly FormError[]
  /** The CI system of a project never changes. */
  readonly made?: boolean
}

/** The fields of a project, for adding and for changing one. */
export function ProjectFields({ draft, onChange, errors, made }: Props) {
  const options = useQuery(query('contexts.options', {})).data
  const set = (part: Partial<ProjectDraft>) => onChange({ ...draft, ...part })
  const text = (name: 'name' | 'slug' | 'repository' | 'defaultBranch') => ({
    ...field(name, errors),
    autoComplete: 'off',
    maxLength: 200,
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      set({ [name]: event.currentTarget.value }),
  })
  const choices = (all: readonly { id: string; name: string }[] | undefined) =>
    (all ?? []).map(({ id, name }) => ({ value: id, label: name }))
  return (
    <>
      <TextInput {...text('name')} label="Name" />
      {!made && (
        <Select
          {...field('provider', errors)}
          label="CI system"
          data={providers}
          allowDeselect={false}
          value={draft.provider}
          onChange={(provider) => set({ provider: provider ?? 'circleci' })}
        />
      )}
      <TextInput
        {...text('slug')}
        label="Slug"
        description="As its tokens name it: acme/web-shop."
      />
      <TextInput
        {...text('repository')}
        label="Repository"
        description="github.com/acme/web-shop"
      />
      <TextInput {...text('defaultBranch')} label="Default branch" />
      <TextInput
        {...field('externalId', errors)}
        label="Immutable id"
        description="The CI system’s own id of the project. Tokens are matched by it, so that a rename lets nobody else in."
        autoComplete="off"
        maxLength={200}
        value={draft.externalId ?? ''}
        onChange={(event) => set({ externalId: event.currentTarget.value || null })}
      />
      <Select
        {...field('segmentId', errors)}
        label="Segment"
        searchable
        data={choices(options?.segments)}
        value={draft.segmentId || null}
        onChange={(segmentId) => set({ segmentId: segmentId ?? '' })}
      />
      <Select
        {...field('teamId', errors)}
        label="Team"
        clearable
        searchable
        data={choices(options?.teams)}
        value={draft.teamId}
        onChange={(teamId) => set({ teamId })}
      />
    </>
  )
}
