import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { cspNonce } from './csp-nonce.ts'

export interface CodeMirrorProps {
  value: string
  /** What the text is, for screen readers: "Policy text". */
  label: string
  onChange?: (value: string) => void
  /** A language, a linter, completion … Must be stable (module scope or memoized). */
  extensions?: Extension
  minLines?: number
}

const looks = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--sp-text)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--sp-focus)', outlineOffset: '-2px' },
  '.cm-content': { fontFamily: 'var(--sp-mono)', lineHeight: '20px', caretColor: 'var(--sp-text)' },
  // Each character as it is: no ligature for <= or ==, here as in all code.
  '.cm-scroller': { fontFamily: 'var(--sp-mono)', fontVariantLigatures: 'none' },
  '.cm-gutters': {
    backgroundColor: 'var(--sp-sunken)',
    color: 'var(--sp-text-2)',
    border: 'none',
    borderInlineEnd: '1px solid var(--sp-border)',
  },
  '.cm-cursor': { borderInlineStartColor: 'var(--sp-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--sp-selected) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--sp-raised)',
    color: 'var(--sp-text)',
    border: '1px solid var(--sp-border)',
    borderRadius: 'var(--sp-radius)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--sp-selected)',
    color: 'var(--sp-text)',
  },
})
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--sp-accent-text)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--sp-permitted-text)' },
  { tag: [tags.number, tags.bool], color: 'var(--sp-would-text)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--sp-info-text)' },
  { tag: tags.comment, color: 'var(--sp-text-2)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--sp-denied-text)' },
])

/**
 * Text typed over a selection. Chromium would keep the look of what it replaces in a `style` attribute, which the content
 * security policy refuses with an error in the console; the editor's own change needs none.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data, isComposing } = event
    if (inputType !== 'insertText' || data === null || isComposing) return false
    if (view.state.readOnly || view.state.selection.main.empty) return false
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type' })
    event.preventDefault()
    return true
  },
})

/** CodeMirror with our looks; 73 kB, so only `<Code>` loads it. Tab leaves the editor (WCAG 2.1.2). */
export function CodeMirror({ value, label, onChange, extensions, minLines = 3 }: CodeMirrorProps) {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const changed = useRef(onChange)
  const readOnly = onChange === undefined
  useEffect(() => {
    changed.current = onChange
  })
  const initial = useRef({ value, minLines })
  useEffect(() => {
    if (!parent.current) return
    const given = new Compartment()
    const made = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: initial.current.value,
        extensions: [
          EditorView.cspNonce.of(cspNonce()),
          lineNumbers(),
          history(),
          drawSelection(),
          typedOver,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.theme({
            '.cm-content, .cm-gutter': { minHeight: `${initial.current.minLines * 20}px` },
          }),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          looks,
          syntaxHighlighting(colours),
          EditorState.readOnly.of(readOnly),
          given.of(extensions ?? []),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current?.(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => made.destroy()
  }, [extensions, label, readOnly])
  useEffect(() => {
    initial.current = { value, minLines }
    const current = view.current
    if (!current || current.state.doc.toString() === value) return
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } })
  }, [value, minLines])
  return <div ref={parent} />
}
