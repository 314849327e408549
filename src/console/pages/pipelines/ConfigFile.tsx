import type { Violation } from '../../../contract/pipelines.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { levels } from './check-status.ts'
import classes from './pipelines.module.css'

interface Props {
  readonly text: string
  readonly path: string
  readonly violations: readonly Violation[]
  /** A line that the page was opened for; none where it is not in the file. */
  readonly marked?: number
}

/** Longer files show what lies around their broken rules only. */
const shownWhole = 3_000
const around = 12

/** The file as it was checked, each broken rule below its line. */
export function ConfigFile({ text, path, violations, marked = 0 }: Props) {
  const lines = text.split('\n')
  const byLine = Map.groupBy(violations, ({ line }) => line)
  const near = (line: number) =>
    lines.length <= shownWhole ||
    line <= around ||
    [marked, ...byLine.keys()].some((broken) => Math.abs(broken - line) <= around)
  const shown = lines
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ line }) => near(line))
  return (
    <Panel
      title={path}
      aside={lines.length > shown.length && <Left all={lines.length} shown={shown.length} />}
      flush
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable by keyboard (WCAG 2.1.1) */}
      <div className={classes.file} role="region" aria-label={`Text of ${path}`} tabIndex={0}>
        <ol>
          {shown.map(({ content, line }) => (
            <li
              key={line}
              id={`line-${line}`}
              value={line}
              aria-current={line === marked || undefined}
              ref={line === marked ? intoView : undefined}
              data-broken={weightOf(byLine.get(line))}
            >
              <code>{content || ' '}</code>
              {byLine.get(line)?.map((one) => (
                <p key={`${one.policy.id} ${one.rule} ${one.reason}`}>
                  <Status is={one.mode === 'evaluate' ? 'would' : levels[one.level].is}>
                    {one.mode === 'evaluate' ? 'Would fail' : levels[one.level].word}
                  </Status>{' '}
                  {one.reason}
                </p>
              ))}
            </li>
          ))}
        </ol>
      </div>
    </Panel>
  )
}

const intoView = (line: HTMLElement | null) => line?.scrollIntoView({ block: 'center' })

/** What the line brings about: that the job stops, or a warning. */
function weightOf(here: readonly Violation[] | undefined) {
  if (!here) return undefined
  return here.some(({ mode, level }) => mode === 'enforce' && level !== 'soft') ? 'blocks' : 'warns'
}

function Left({ all, shown }: { all: number; shown: number }) {
  return (
    <span className="sp-dim sp-num">
      {shown} of {all} lines, around what is broken
    </span>
  )
}
