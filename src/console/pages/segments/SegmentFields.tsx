import { Select, Textarea, TextInput } from '@mantine/core'
import type { Tier } from '../../../contract/segments.ts'
import { field, type FormError } from '../../ui/Form.tsx'
import { tiers } from '../../parts/TierBadge.tsx'

export interface SegmentDraft {
  readonly name: string
  readonly tier: Tier
  readonly description: string
  readonly cidrs: string[]
  readonly runnerClasses: string[]
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

interface Props {
  readonly draft: SegmentDraft
  readonly onChange: (draft: SegmentDraft) => void
  readonly errors: readonly FormError[]
}

/** The fields of a segment, for making and for changing one. */
export function SegmentFields({ draft, onChange, errors }: Props) {
  const set = (part: Partial<SegmentDraft>) => onChange({ ...draft, ...part })
  return (
    <>
      <TextInput
        {...field('name', errors)}
        label="Name"
        maxLength={100}
        autoComplete="off"
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Select
        {...field('tier', errors)}
        label="Tier"
        description="How much harm a run there could do."
        data={tiers}
        allowDeselect={false}
        value={draft.tier}
        onChange={(tier) => set({ tier: tier ?? 'build' })}
      />
      <Textarea
        {...field('description', errors)}
        label="Description"
        autosize
        minRows={2}
        maxLength={2000}
        value={draft.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <Textarea
        {...field('cidrs', errors)}
        label="Address ranges"
        description="One a line, in CIDR notation, such as 10.20.0.0/16 or 2001:db8::/32. Without one, runs may come from anywhere."
        classNames={{ input: 'sp-mono' }}
        autosize
        minRows={2}
        spellCheck={false}
        defaultValue={draft.cidrs.join('\n')}
        onChange={(event) => set({ cidrs: linesOf(event.currentTarget.value) })}
      />
      <Textarea
        {...field('runnerClasses', errors)}
        label="Runner classes"
        description="One a line, as the CI system names them. Without one, any class."
        classNames={{ input: 'sp-mono' }}
        autosize
        minRows={2}
        spellCheck={false}
        defaultValue={draft.runnerClasses.join('\n')}
        onChange={(event) => set({ runnerClasses: linesOf(event.currentTarget.value) })}
      />
    </>
  )
}
