import { createElement, lazy, Suspense, useEffect, useState, type ComponentType } from 'react'
import { flushSync } from 'react-dom'
import { useFocusBack } from './use-focus-back.ts'

interface Openable {
  readonly opened: boolean
}

/**
 * A dialog whose code comes when it is first opened, and stays so that closing is seen. It opens only after it is there:
 * what had the focus is remembered at that change, to be given it back.
 */
export function lateDialog<P extends Openable>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  const Dialog = lazy(
    async () => ({ default: await load() }) as { default: ComponentType<Openable> },
  )
  function Opening(props: P) {
    useFocusBack()
    const [there, setThere] = useState(false)
    useEffect(() => {
      // What the change brings about is done at once: by and by, the dialog may have taken the focus before.
      const frame = requestAnimationFrame(() => flushSync(() => setThere(true)))
      return () => cancelAnimationFrame(frame)
    }, [])
    return createElement(Dialog, { ...props, opened: props.opened && there })
  }
  return function Late(props: P) {
    const [wanted, setWanted] = useState(props.opened)
    if (props.opened && !wanted) setWanted(true)
    return createElement(Suspense, null, wanted && createElement(Opening, props))
  }
}
