import { lazy, Suspense } from 'react'
import type { CodeMirrorProps } from './CodeMirror.tsx'
import classes from './Code.module.css'

const Editor = lazy(() => import('./CodeMirror.tsx').then((m) => ({ default: m.CodeMirror })))

/** Text with line numbers: CodeMirror when it has arrived, the plain text until then. Read-only unless `onChange` is given. */
export function Code(props: CodeMirrorProps) {
  return (
    <div className={classes.code}>
      <Suspense fallback={<pre>{props.value}</pre>}>
        <Editor {...props} />
      </Suspense>
    </div>
  )
}
