import type { PolicyProblem } from './policies.ts'

/** Checked by a plain scan before any parser sees the text: deep nesting kills a parser instance for good (P17). */
export const policyLimits = { bytes: 16_384, depth: 40, operands: 64, policies: 1000 } as const

/** For how many days a policy is tried unless somebody says, and at most: then it is enforced, changed, or tried on. */
export const evaluateDays = { usual: 30, most: 180 } as const

/** The first limit that a policy's text breaks. Strings and `//` comments do not count as nesting. */
export function brokenLimit(text: string): PolicyProblem | undefined {
  const problem = (message: string, from: number, to = from + 1): PolicyProblem => ({
    severity: 'error',
    message,
    from,
    to,
  })
  if (new TextEncoder().encode(text).length > policyLimits.bytes) {
    return problem(`A policy has at most ${policyLimits.bytes / 1024} KiB of text.`, 0, text.length)
  }
  const chain = longChain(text)
  if (chain) return chain
  // Not begun anew at `;`: inside brackets it ends nothing.
  let depth = 0
  // Prefix operators and if-then-else nest the parser as brackets do, and clauses the evaluator as operands do.
  let prefixes = 0
  let operands = 0
  for (const { 0: token, index } of text.matchAll(
    /\/\/[^\n]*|"(?:[^"\\]|\\.)*"?|[([{]|[)\]}]|&&|\|\||[!-](?!=)|\b(?:if|when|unless|has|is|in|like)\b|[.+*;]/gs,
  )) {
    if (token.startsWith('//') || token.startsWith('"')) continue
    if (token === '(' || token === '[' || token === '{') depth++
    else if (token === ')' || token === ']' || token === '}') depth--
    else if (token === ';') [prefixes, operands] = [0, 0]
    else if (token === '!' || token === '-' || token === 'if') prefixes++
    else operands++
    if (depth > policyLimits.depth) {
      return problem(`Brackets nest at most ${policyLimits.depth} deep.`, index)
    }
    if (prefixes > policyLimits.operands * 2) {
      return problem(
        `A policy has at most ${policyLimits.operands * 2} of “!”, “-” and “if”.`,
        index,
      )
    }
    if (operands > policyLimits.operands * 4) {
      return problem(`A policy has at most ${policyLimits.operands * 4} operators.`, index)
    }
  }
  return undefined
}

/** More operands in one chain of `&&` or `||` than the evaluator's stack is sure to hold. */
function longChain(text: string): PolicyProblem | undefined {
  let chain = 1
  for (const { 0: token, index } of text.matchAll(
    /\/\/[^\n]*|"(?:[^"\\]|\\.)*"?|&&|\|\||;|\b(?:when|unless)\b/gs,
  )) {
    if (token === ';') chain = 1
    else if (!token.startsWith('//') && !token.startsWith('"')) chain++
    if (chain > policyLimits.operands) {
      return {
        severity: 'error',
        message: `A policy joins at most ${policyLimits.operands} operands and clauses.`,
        help: 'Use a set with contains, or several policies.',
        from: index,
        to: index + token.length,
      }
    }
  }
  return undefined
}

/** Cedar counts UTF-8 bytes; editors count UTF-16 units. */
export function fromBytes(text: string, bytes: number): number {
  let seen = 0
  let at = 0
  while (at < text.length && seen < bytes) {
    const code = text.codePointAt(at) ?? 0
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    at += code > 0xffff ? 2 : 1
  }
  return at
}
