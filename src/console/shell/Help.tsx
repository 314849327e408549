import { Modal } from '@mantine/core'
import { useFocusBack } from '../ui/use-focus-back.ts'
import classes from './Help.module.css'
import { places } from './use-shortcuts.ts'

const shortcuts: [string, string][] = [
  ['⌘ K or Ctrl K', 'Search everything, go to a page, act'],
  ['/', 'Search in this list'],
  ['↑ ↓ or k j, Home End', 'Move through the rows of a table'],
  ['a r d u', 'In a review: keep, revoke, delegate, undo'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row'],
  ['Esc', 'Close what is open'],
  ['?', 'This list'],
  ...Object.entries(places).map(([key, place]): [string, string] => [
    `g ${key}`,
    `Go to ${place.label}`,
  ]),
]
const shapes: [string, string][] = [
  ['● Permitted', 'carried out'],
  ['◆ Would be denied', 'carried out, but a policy in evaluate mode would have refused it'],
  ['■ Denied', 'refused: nothing was done'],
  ['○ Unknown', 'could not be told, which denies'],
]

/** Shortcuts, and what the shapes mean. */
export function Help({ onClose }: { onClose: () => void }) {
  useFocusBack()
  return (
    <Modal opened onClose={onClose} title="Help and shortcuts" size="lg">
      <div className={classes.help}>
        <h3>Shortcuts</h3>
        <dl>
          {shortcuts.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <h3>Shapes</h3>
        <dl>
          {shapes.map(([shape, what]) => (
            <div key={shape}>
              <dt>{shape}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <p>
          Everything the console does is also in the API: <a href="/api/docs">API documentation</a>.
        </p>
      </div>
    </Modal>
  )
}
