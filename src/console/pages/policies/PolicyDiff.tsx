import { unifiedMergeView } from '@codemirror/merge'
import { useMemo } from 'react'
import { Code } from '../../ui/Code.tsx'

/** Two texts as one, with what was taken away and what was added marked as `<del>` and `<ins>`. */
export function PolicyDiff(props: { before: string; after: string; label: string }) {
  const { before, after, label } = props
  const extensions = useMemo(
    () => unifiedMergeView({ original: before, mergeControls: false, gutter: true }),
    [before],
  )
  return <Code value={after} label={label} extensions={extensions} />
}
