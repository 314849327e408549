/** CircleCI's limits, each with its own error (shared by the form, the import and the database). */
export const contextLimits = {
  contexts: 500,
  secretsPerContext: 100,
  nameLength: 200,
  secretNameLength: 300,
  valueLength: 32_000,
  restrictionsPerContext: 100,
  expressionLength: 4_000,
} as const

/** Of a POSIX shell; but for the one name that no object of JavaScript hands over as it is. */
export const secretNamePattern = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/

/** What is wrong with the name or value of a secret before it is sent; the schemas say it again behind the door. */
export function secretFault(name: string, value: string): string | undefined {
  if (name.length > contextLimits.secretNameLength)
    return 'Its name must have at most 300 characters.'
  if (!secretNamePattern.test(name)) {
    return 'Its name must begin with a letter or underscore and contain only letters, digits and underscores.'
  }
  if (value.length > contextLimits.valueLength)
    return 'Its value must have at most 32,000 characters.'
  return value.includes('\0') ? 'Its value must not contain the character NUL.' : undefined
}
