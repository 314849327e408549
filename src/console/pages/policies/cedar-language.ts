import {
  autocompletion,
  completeFromList,
  completionKeymap,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { bracketMatching, LanguageSupport, StreamLanguage } from '@codemirror/language'
import { linter, lintKeymap } from '@codemirror/lint'
import type { Extension } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import type { PolicySchema } from '../../../contract/policies.ts'
import { checkPolicy } from './check-policy.ts'

const keywords = new Set(
  'permit forbid when unless if then else in has like is true false'.split(' '),
)
const variables = ['principal', 'action', 'resource', 'context']
const methods =
  'contains containsAll containsAny isEmpty isInRange isIpv4 isIpv6 isLoopback lessThan greaterThan offset durationSince toDate toTime toDays toHours toMinutes'.split(
    ' ',
  )

/** Cedar 4.5's lexical grammar (docs.cedarpolicy.com, "Grammar specification"): tokens are all that highlighting needs. */
const cedar = StreamLanguage.define({
  name: 'cedar',
  token(stream) {
    if (stream.eatSpace()) return null
    if (stream.match('//')) {
      stream.skipToEnd()
      return 'comment'
    }
    if (stream.match(/"(?:[^"\\]|\\.)*"?/)) return 'string'
    if (stream.match(/@[A-Za-z_]\w*/)) return 'modifier'
    if (stream.match(/\d+/)) return 'number'
    if (stream.match(/[A-Za-z_]\w*(?=\s*::)/)) return 'namespace'
    const [word] = (stream.match(/[A-Za-z_]\w*/) as RegExpMatchArray | null) ?? []
    if (word === undefined) {
      stream.next()
      return 'operator'
    }
    if (word === 'true' || word === 'false') return 'bool'
    if (keywords.has(word)) return 'keyword'
    return variables.includes(word) ? 'variableName.special' : null
  },
  languageData: {
    commentTokens: { line: '//' },
    closeBrackets: { brackets: ['(', '[', '{', '"'] },
  },
})

type Attributes = PolicySchema['actions'][number]['context']

const attributesAs = (attributes: Attributes): Completion[] => {
  const byName = new Map(attributes.map((one) => [one.name, one]))
  return [...byName.values()].map(({ name, type, optional, says }) => ({
    label: name,
    type: 'property',
    detail: optional ? `${type}, ask with has` : type,
    info: says ?? '',
  }))
}

/** What can stand at the cursor, from the schema: facts of the actions that the text names, entities, actions, words. */
function completionOf(schema: PolicySchema) {
  const words = completeFromList([
    ...[...keywords].map((label) => ({ label, type: 'keyword' })),
    ...variables.map((label) => ({ label, type: 'variable' })),
    { label: 'Sallyport::', type: 'namespace' },
    ...['ip', 'datetime', 'duration', 'decimal'].map((label) => ({
      label,
      type: 'function',
      apply: `${label}("")`,
    })),
  ])
  const actions: Completion[] = schema.actions.map(({ name, says }) => ({
    label: name,
    type: 'enum',
    info: says,
  }))
  const entities: Completion[] = [
    ...schema.entities.map(({ name }) => ({ label: name, type: 'type' })),
    { label: 'Action', type: 'type' },
  ]
  const result = (options: Completion[], from: number): CompletionResult => ({
    from,
    options,
    validFor: /^[\w:]*$/,
  })
  return (context: CompletionContext) => {
    const line = context.state.doc.lineAt(context.pos)
    const before = line.text.slice(0, context.pos - line.from)
    const typed = /[\w:]*$/.exec(before)?.[0] ?? ''
    const action = /Action::"([\w:]*)$/.exec(before)
    if (action) return result(actions, context.pos - (action[1]?.length ?? 0))
    const entity = /Sallyport::(\w*)$/.exec(before)
    if (entity) return result(entities, context.pos - (entity[1]?.length ?? 0))
    const word = /\w*$/.exec(typed)?.[0] ?? ''
    const from = context.pos - word.length
    const owner = /\b(principal|resource|context)(?:\.|\s+has\s+)\w*$/.exec(before)?.[1]
    if (owner === 'context') {
      const text = context.state.doc.toString()
      const named = schema.actions.filter(({ name }) => text.includes(`"${name}"`))
      return result(
        attributesAs((named.length ? named : schema.actions).flatMap((one) => one.context)),
        from,
      )
    }
    if (owner) return result(attributesAs(schema.entities.flatMap((one) => one.attributes)), from)
    if (/\.\w*$/.test(before)) {
      const options = methods.map((label) => ({ label, type: 'method', apply: `${label}()` }))
      return result(options, from)
    }
    return word === '' && !context.explicit ? null : words(context)
  }
}

const underlined = (colour: string) => ({
  // The lint package draws its line as a `data:` image, which the content security policy refuses.
  backgroundImage: 'none',
  textDecoration: `underline wavy var(${colour})`,
  textUnderlineOffset: '3px',
})
const marks = EditorView.theme({
  '.cm-lintRange-error': underlined('--sp-denied-text'),
  '.cm-lintRange-warning': underlined('--sp-would-text'),
})

/** Highlighting, completion from the schema, and problems underlined as one types. */
export function cedarLanguage(schema: PolicySchema | undefined): Extension {
  return [
    new LanguageSupport(cedar),
    marks,
    bracketMatching(),
    schema ? autocompletion({ override: [completionOf(schema)] }) : [],
    linter(
      async (view) => {
        const { problems } = await checkPolicy(view.state.doc.toString())
        return problems.map(({ severity, message, help, from, to }) => ({
          severity,
          message: help ? `${message} (${help})` : message,
          from: Math.min(from, view.state.doc.length),
          to: Math.min(Math.max(to, from), view.state.doc.length),
        }))
      },
      { delay: 250 },
    ),
    keymap.of([...completionKeymap, ...lintKeymap]),
  ]
}
