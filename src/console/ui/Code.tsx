import { lazy, Suspense } from 'react'
import type { CodeMirrorProps } from './CodeMirror.tsx'
import classes from './Code.module.css'

const Editor = lazy(() => import('./CodeMirror.tsx').then((m) => ({ default: m.CodeMirror })))

/** It scrolls, so that it is reached by keyboard as well (WCAG 2.1.1). */
function Plain({ label, value }: CodeMirrorProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable by keyboard
    <pre tabIndex={0} role="region" aria-label={label}>
      {value}
    </pre>
  )
}

/** Text with line numbers: CodeMirror when it has arrived, the plain text until then. Read-only unless `onChange` is given. */
export function Code(props: CodeMirrorProps) {
  return (
    <div className={classes.code}>
      <Suspense fallback={<Plain {...props} />}>
        <Editor {...props} />
      </Suspense>
    </div>
  )
}
