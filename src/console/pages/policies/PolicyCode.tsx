import { useMemo } from 'react'
import type { PolicySchema } from '../../../contract/policies.ts'
import { Code } from '../../ui/Code.tsx'
import { cedarLanguage } from './cedar-language.ts'

/** The text itself; with CodeMirror and its language, so only `<PolicyEditor>` loads it. */
export function PolicyCode(props: {
  value: string
  onChange?: (text: string) => void
  schema: PolicySchema | undefined
}) {
  const { value, onChange, schema } = props
  const extensions = useMemo(() => cedarLanguage(schema), [schema])
  return (
    <Code
      value={value}
      label="Policy text"
      minLines={12}
      extensions={extensions}
      {...(onChange && { onChange })}
    />
  )
}
