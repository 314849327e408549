import { useEffect, useLayoutEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import { paths } from '../paths.ts'

/** `g` then a letter goes to a place; listed under `?`. */
export const places: Readonly<Record<string, { label: string; to: string }>> = {
  o: { label: 'Overview', to: paths.overview() },
  p: { label: 'Projects', to: paths.projects() },
  c: { label: 'Contexts', to: paths.contexts() },
  r: { label: 'Roles', to: paths.roles() },
  u: { label: 'People', to: paths.people() },
  l: { label: 'Policies', to: paths.policies() },
  d: { label: 'Decisions', to: paths.decisions() },
  a: { label: 'Audit trail', to: paths.audit() },
}

/** The console's own shortcuts. Nothing happens while one is typing, so single letters do no harm (WCAG 2.1.4). */
export function useShortcuts(actions: {
  readonly palette: () => void
  readonly help: () => void
  /** Given while the palette is open: what is typed before its box has the focus, a letter or `Enter` at a time. */
  readonly type: ((key: string) => void) | undefined
}) {
  const navigate = useNavigate()
  const pending = useRef(0)
  const act = useRef(actions)
  useLayoutEffect(() => {
    act.current = actions
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        act.current.palette()
        return
      }
      const at = event.target as HTMLElement
      const typing = at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)
      if (typing || event.metaKey || event.ctrlKey || event.altKey) return
      if (act.current.type) {
        if (event.key.length !== 1 && event.key !== 'Enter') return
        event.preventDefault()
        act.current.type(event.key)
      } else if (event.key === '?') act.current.help()
      else if (event.key === 'g') pending.current = Date.now()
      else if (Date.now() - pending.current < 1500 && places[event.key]) {
        pending.current = 0
        void navigate(places[event.key]!.to)
      }
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [navigate])
}
