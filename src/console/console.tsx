import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { AuthGate } from './auth/AuthGate.tsx'
import { queryClient } from './query-client.ts'
import { routes } from './routes.tsx'
import { SessionFrame } from './shell/SessionFrame.tsx'
import { theme } from './ui/theme.ts'

/** To be called once the address is the one to show: coming back from the identity provider restores the one that was left. */
export function showConsole(): void {
  const router = createBrowserRouter(routes)
  const colorSchemes = localStorageColorSchemeManager({ key: 'sallyport-scheme' })
  const root = document.getElementById('root')
  if (!root) throw new Error('index.html has no #root')
  // The library's variables and classes are in styles.ts: with Trusted Types it may not write style elements itself.
  createRoot(root).render(
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
    </StrictMode>,
  )
}
