import { QueryClient } from '@tanstack/react-query'

/** A thing read is fresh for fifteen seconds; a change invalidates its noun at once. Refusals are not asked again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => {
        const status = (error as { problem?: { status?: number } }).problem?.status ?? 0
        return failures < 2 && (status === 0 || status >= 500)
      },
    },
    mutations: { retry: false },
  },
})
