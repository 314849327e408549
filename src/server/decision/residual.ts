/** Cedar's JSON of an expression, as far as logic goes. */
type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/**
 * What an expression that Cedar could not finish comes to, whatever the open facts are: true, false, or nothing when it
 * depends on them. Cedar leaves `open && false` standing, for what is open might err; ours are of known types.
 */
function valueOf(expression: unknown): boolean | undefined {
  if (!isNode(expression)) return undefined
  if ('Value' in expression) {
    const { Value } = expression
    return typeof Value === 'boolean' ? Value : undefined
  }
  const sides = (name: string): [boolean | undefined, boolean | undefined] | undefined => {
    const pair = expression[name]
    return isNode(pair) ? [valueOf(pair['left']), valueOf(pair['right'])] : undefined
  }
  const and = sides('&&')
  if (and) return and.includes(false) ? false : and.includes(undefined) ? undefined : true
  const or = sides('||')
  if (or) return or.includes(true) ? true : or.includes(undefined) ? undefined : false
  const not = expression['!']
  if (isNode(not)) {
    const inner = valueOf(not['arg'])
    return inner === undefined ? undefined : !inner
  }
  return undefined
}

/** Whether a policy that Cedar left open can still be satisfied. */
export function mayHold(residual: { readonly conditions: readonly unknown[] }): boolean {
  return residual.conditions.every((condition) => {
    if (!isNode(condition)) return true
    // `when` must not be false for certain, `unless` not true for certain.
    return valueOf(condition['body']) !== (condition['kind'] === 'unless')
  })
}
