import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import type { createBrowserRouter } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { AuthGate } from './auth/AuthGate.tsx'
import { queryClient } from './query-client.ts'
import { SessionFrame } from './shell/SessionFrame.tsx'
import { theme } from './ui/theme.ts'

const colorSchemes = localStorageColorSchemeManager({ key: 'sallyport-scheme' })

interface Props {
  readonly router: ReturnType<typeof createBrowserRouter>
}

// The library's variables and classes are in styles.ts: with Trusted Types it may not write style elements itself.
export function Console({ router }: Props) {
  return (
    <StrictMode>
      <MantineProvider
        theme={theme}
        colorSchemeManager={colorSchemes}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
        withStaticClasses={false}
      >
        <QueryClientProvider client={queryClient}>
          <AuthGate>
            <SessionFrame>
              <RouterProvider router={router} />
            </SessionFrame>
          </AuthGate>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  )
}
