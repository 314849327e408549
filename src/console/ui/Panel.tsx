import { useId, type ReactNode } from 'react'
import classes from './Panel.module.css'

/** A titled region with a border: for overviews and the right rail. */
export function Panel({
  title,
  aside,
  children,
  flush,
}: {
  title: string
  aside?: ReactNode
  children: ReactNode
  /** No padding: the content is a list or table that reaches the border. */
  flush?: boolean
}) {
  const heading = useId()
  return (
    <section className={classes.panel} aria-labelledby={heading}>
      <header className={classes.header}>
        <h2 id={heading}>{title}</h2>
        {aside}
      </header>
      <div className={classes.body} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  )
}
