import { Composer, LineCounter, Parser, type CST, type Document } from 'yaml'
import { looseLexer } from './lexer.ts'
import type { Tree } from './tree.ts'
import { configLimits, ConfigRefused } from './refused.ts'
import { treeOf, type Again } from './tree-of.ts'

export interface YamlOptions {
  /** Tags that the CI system itself gives a meaning: GitLab's `!reference`. */
  readonly tags?: readonly string[]
  readonly again?: Again
}

/**
 * Reads CI-accepted YAML: duplicate anchors, merge keys, unusual scalars. Bounds come first: the size, the words, the depth
 * of what is being read (`Parser.stack`, so however it is written: brackets, `- - -`, `? ? ?`, indentation), and only
 * then a tree is composed. Meant for the child process alone, which may die of it.
 */
export function readYaml(text: string, options: YamlOptions = {}): Tree[] {
  const bytes = Buffer.byteLength(text)
  if (bytes > configLimits.bytes) {
    throw new ConfigRefused(`A config has at most 1 MiB; this one has ${bytes} bytes.`, 1)
  }
  const lines = new LineCounter()
  const tokens = tokensOf(text, lines)
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const composer = new Composer({
    // Checked by ourselves: the parser's own check is quadratic (10,000 keys took 6 s).
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    customTags: [...(options.tags ?? [])].map((tag) => ({
      tag,
      collection: 'seq' as const,
      resolve: (value: unknown) => value,
    })),
  })
  const trees: Tree[] = []
  for (const document of composer.compose(tokens, true, text.length)) {
    refuseFaults(document, lineAt)
    trees.push(treeOf(document.contents, lineAt, options.again))
  }
  return trees.filter((tree) => tree.kind !== 'scalar' || tree.text !== '')
}

function tokensOf(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  const tokens: CST.Token[] = []
  let documents = 0
  for (const lexeme of lexemesOf(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') {
        throw new ConfigRefused(
          'A line beginning with % changes how YAML is read; CI configs have none. Remove it.',
          lines.linePos(token.offset).line,
        )
      }
      if (token.type === 'document' && ++documents > configLimits.documents) {
        throw new ConfigRefused(
          `The config has more than ${configLimits.documents} documents.`,
          lines.linePos(token.offset).line,
        )
      }
      tokens.push(token)
    }
    if (parser.stack.length > configLimits.depth) {
      throw new ConfigRefused(
        `The config is nested deeper than ${configLimits.depth} levels.`,
        Math.max(1, lines.linePos(parser.offset).line),
      )
    }
  }
  tokens.push(...parser.end())
  return tokens
}

/** Words and signs, counted before any of them is parsed, which costs the more. */
function lexemesOf(text: string): string[] {
  const lexemes: string[] = []
  for (const lexeme of looseLexer().lex(text)) {
    if (lexemes.length === configLimits.tokens) {
      throw new ConfigRefused(
        `The config has more than ${configLimits.tokens} words and signs.`,
        lexemes.join('').split('\n').length,
      )
    }
    lexemes.push(lexeme)
  }
  return lexemes
}

function refuseFaults(document: Document.Parsed, lineAt: (offset: number) => number): void {
  const [fault] = document.errors
  if (fault)
    throw new ConfigRefused(`This is not YAML: ${plain(fault.message)}`, lineAt(fault.pos[0]))
  const tag = document.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED')
  if (tag) {
    throw new ConfigRefused(
      `The tag is not known here, so what it makes of its value is not either. ${plain(tag.message)}`,
      lineAt(tag.pos[0]),
    )
  }
}

/** The parser's words, first line only: the rest quotes the text. */
const plain = (message: string) => (message.split('\n')[0] ?? '').slice(0, 200)
