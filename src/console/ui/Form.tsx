import { Button } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import classes from './Form.module.css'

export interface FormError {
  /** The field's name, as the problem's `fields[].path` says it; without one it concerns the whole form. */
  path?: string
  message: string
}

export interface FormProps {
  /** The verb and object of its button: "Create context". */
  submit: string
  onSubmit: () => void
  busy?: boolean
  onCancel?: () => void
  /** What leaving it is called where “Cancel” would say something else. */
  back?: string | undefined
  /** What the server refused: shown in a summary that takes the focus, each line leading to its field. */
  errors?: readonly FormError[]
  /**
   * What the change will do, before it is done: beside the fields, or in a narrow place above the buttons, which stay where
   * they are when it comes.
   */
  impact?: ReactNode
  /** Why it cannot be submitted now. */
  blocked?: string | undefined
  danger?: boolean
  /** For fields that need the width of the window: a matrix. */
  wide?: boolean
  children: ReactNode
}

/** A form: fields in a column, an error summary above, the impact beside or below, and one named button. */
export function Form(props: FormProps) {
  const { errors = [], blocked } = props
  const previews = 'impact' in props ? (props.wide ? 'below' : 'beside') : undefined
  const summary = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (errors.length > 0) summary.current?.focus()
  }, [errors])
  return (
    <div className={classes.room}>
      <form
        className={classes.form}
        data-wide={props.wide || undefined}
        data-previews={previews}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!props.busy && !blocked) props.onSubmit()
        }}
      >
        {errors.length > 0 && (
          <div ref={summary} tabIndex={-1} role="alert" className={classes.summary}>
            <ul>
              {errors.map((error) => (
                <li key={`${error.path}-${error.message}`}>
                  {error.path ? (
                    <a href={`#field-${error.path}`} onClick={(event) => jump(event, error.path!)}>
                      <FieldName path={error.path} />: {error.message}
                    </a>
                  ) : (
                    error.message
                  )}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className={classes.fields}>{props.children}</div>
        {previews && <div className={classes.impact}>{props.impact}</div>}
        <div className={classes.actions}>
          <Button
            type="submit"
            variant="filled"
            {...(props.danger && { color: 'red' })}
            loading={props.busy ?? false}
            disabled={Boolean(blocked)}
          >
            {props.submit}
          </Button>
          {props.onCancel && <Button onClick={props.onCancel}>{props.back ?? 'Cancel'}</Button>}
          {blocked && <span className="sp-dim">{blocked}</span>}
        </div>
      </form>
    </div>
  )
}

/** Of one of several that are written into one field, such as `cidrs.0`, that field. */
const fieldOf = (path: string) => path.replace(/\.\d+$/, '')

const elementOf = (path: string) =>
  document.getElementById(`field-${path}`) ?? document.getElementById(`field-${fieldOf(path)}`)

function jump(event: { preventDefault: () => void }, path: string) {
  event.preventDefault()
  elementOf(path)?.focus()
}

/** What a field is called on the page: its path is the API's word. */
function nameOf(path: string): string {
  const element: (HTMLElement & { labels?: NodeListOf<HTMLElement> }) | null = elementOf(path)
  const named = document.getElementById(element?.getAttribute('aria-labelledby') ?? '')
  const text = element?.labels?.[0]?.textContent ?? named?.textContent
  return text?.replace(/\s*\*$/, '') ?? element?.getAttribute('aria-label') ?? fieldOf(path)
}

/** Written once the fields are on the page. */
function FieldName({ path }: { path: string }) {
  return (
    <span
      ref={(node) => {
        if (node) node.textContent = nameOf(path)
      }}
    />
  )
}

/** What a field needs to be found by the error summary: `<TextInput {...field('name', errors)} label="Name" />`. */
export function field(path: string, errors: readonly FormError[] = []) {
  const message = errors.find(
    ({ path: at }) => at === path || (at && fieldOf(at) === path),
  )?.message
  return { id: `field-${path}`, name: path, ...(message !== undefined && { error: message }) }
}
