/** What of a decision's sentence a list says in columns of its own: the outcome, who asked, for what, and on what. */
const besides: readonly (readonly [RegExp, string])[] = [
  [/^(?:Denied|Permitted)(?:, and would be denied)?: /, ''],
  // What was expected says the clause again.
  [/^\S.*? may not use .+?”\. (?:.+?: (?=expected (?!it to hold, ).+, was ))?/, ''],
  [/ forbids \S+ on (?:the organization|.+?”)/, ' forbids it'],
  [/^the restrictions of .+?” admit .+\.$/, 'its restrictions admit it.'],
  [/^the restrictions of .+?” do not admit .+?, and until /, 'not its restrictions, but until '],
]

/** Why it was decided so: what is left of the sentence (`server/decision`) beside those columns. One of another form stays whole. */
export function whyOf(sentence: string): string {
  const left = besides.reduce((text, [told, instead]) => text.replace(told, instead), sentence)
  return left.charAt(0).toUpperCase() + left.slice(1)
}
