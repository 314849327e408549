import { Textarea, type TextareaProps } from '@mantine/core'

interface Props extends Omit<TextareaProps, 'value' | 'onChange' | 'maxLength' | 'autosize'> {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
}

/** What somebody says in their own words: a reason, a note, a justification; as long as the API takes them, and no longer. */
export function ProseField({ onChange, ...props }: Props) {
  return (
    <Textarea
      {...props}
      autosize
      maxLength={1_000}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
