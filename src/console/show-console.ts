import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter } from 'react-router'
import { Console } from './Console.tsx'
import { routes } from './routes.tsx'

/** To be called once the address is the one to show: coming back from the identity provider restores the one that was left. */
export function showConsole(): void {
  const root = document.getElementById('root')
  if (!root) throw new Error('index.html has no #root')
  createRoot(root).render(createElement(Console, { router: createBrowserRouter(routes) }))
}
