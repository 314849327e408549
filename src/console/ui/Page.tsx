/**
 * How a list page is composed (mirror `pages/projects/ProjectsPage.tsx`): query → loader → handle → columns → Component →
 * local pieces, always in that order.
 *
 *   export const handle = { crumb: 'Projects' }
 *   const columns: Column<Project>[] = [ … ]
 *   export function Component() {
 *     const [filters, setFilters] = useUrlState(projects.list.query)
 *     const list = useInfiniteQuery(pages('projects.list', filters))
 *     return (
 *       <Page title="Projects" purpose="…" action={<AllowedAction …>Add project</AllowedAction>} fill>
 *         <FilterBar … />
 *         <DataTable label="Projects" columns={columns} rows={rows} … />
 *       </Page>
 *     )
 *   }
 *
 * An object page gives `facts` and `tabs` too, and renders an `<Outlet />` as its children.
 */
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useId, useState, type ReactNode } from 'react'
import classes from './Page.module.css'
import { announce } from './announce.ts'

export interface PageProps {
  /** A noun: "Projects", or the object's name. */
  title: string
  /** What stands beside the name: a badge of state, the owner. */
  aside?: ReactNode
  /** One sentence on what the page is for; the reader may dismiss it for good. */
  purpose?: string
  /** One primary action, and at most a menu beside it. */
  action?: ReactNode
  /** Key facts of an object, as `<Facts>`. */
  facts?: ReactNode
  /** `<RouteTabs>` of an object page. */
  tabs?: ReactNode
  /** The content takes the height of the window and scrolls by itself: for pages that are one table. */
  fill?: boolean
  children: ReactNode
}

const storageKey = (title: string) => `sallyport-purpose-${title}`

function wasDismissed(title: string): boolean {
  try {
    return localStorage.getItem(storageKey(title)) === 'dismissed'
  } catch {
    return false
  }
}

export function Page({ title, aside, purpose, action, facts, tabs, fill, children }: PageProps) {
  const heading = useId()
  const [dismissed, setDismissed] = useState(() => wasDismissed(title))
  useEffect(() => {
    document.title = `${title} · Sallyport`
    announce(title)
  }, [title])
  const dismiss = () => {
    setDismissed(true)
    try {
      localStorage.setItem(storageKey(title), 'dismissed')
    } catch {
      // Storage may be refused; the sentence then comes back with the next visit.
    }
  }
  return (
    <section className={classes.page} aria-labelledby={heading} data-fill={fill || undefined}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <div className={classes.line}>
            <h1 id={heading}>{title}</h1>
            {aside}
          </div>
          {purpose && !dismissed && (
            <p className={classes.purpose}>
              {purpose}
              <Tooltip label="Dismiss this explanation">
                <ActionIcon
                  size={24}
                  variant="subtle"
                  color="gray"
                  aria-label="Dismiss this explanation"
                  onClick={dismiss}
                >
                  <IconX size={14} />
                </ActionIcon>
              </Tooltip>
            </p>
          )}
        </div>
        {action && <div className={classes.action}>{action}</div>}
      </header>
      {facts}
      {tabs}
      <div className={classes.body}>{children}</div>
    </section>
  )
}
