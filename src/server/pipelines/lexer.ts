import { Lexer } from 'yaml'

/** What the lexer keeps to itself; `yaml` is pinned, and configs of our own say when it changes. */
interface Inside {
  readonly flowLevel: number
  parseQuotedScalar: () => Generator<string, unknown>
}

/**
 * A lexer that minds no indentation inside of brackets and quotes, as YAML 1.2 does and libyaml (GitLab's, GitHub's) and
 * SnakeYAML (CircleCI's) do not: there only a line of `---` ends what is open.
 */
export function looseLexer(): Lexer {
  const lexer = new Lexer()
  const inside = lexer as unknown as Inside
  const parse = inside.parseQuotedScalar.bind(lexer)
  let demanded = 0
  let quoted = false
  Object.defineProperty(lexer, 'indentNext', {
    get: () => (quoted || inside.flowLevel > 0 ? 0 : demanded),
    set: (indentation: number) => {
      demanded = indentation
    },
  })
  inside.parseQuotedScalar = function* () {
    quoted = true
    const next = yield* parse()
    quoted = false
    return next
  }
  return lexer
}
