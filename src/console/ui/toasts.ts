import { useSyncExternalStore } from 'react'

export interface Toast {
  readonly id: number
  readonly tone: 'done' | 'info' | 'failed'
  readonly text: string
  /** Undo, or where to look: a verb and an object. */
  readonly action?: { readonly label: string; readonly run: () => void }
}

let toasts: readonly Toast[] = []
let last = 0
const listeners = new Set<() => void>()

function change(next: readonly Toast[]) {
  toasts = next
  for (const listener of listeners) listener()
}

export function dismissToast(id: number): void {
  change(toasts.filter((toast) => toast.id !== id))
}

/** Says what was done, in one sentence. Failures stay until dismissed; the rest leaves after eight seconds. */
export function toast(text: string, options?: Partial<Pick<Toast, 'tone' | 'action'>>): number {
  const id = ++last
  const tone = options?.tone ?? 'done'
  change([
    ...toasts.slice(-3),
    { id, text, tone, ...(options?.action && { action: options.action }) },
  ])
  if (tone !== 'failed') setTimeout(() => dismissToast(id), 8000)
  return id
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
}
