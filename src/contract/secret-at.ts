/** A version of a secret in its context. */
export interface SecretAt {
  readonly contextId: string
  readonly name: string
  readonly version: number
}

const written = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z_]\w*)\.([1-9]\d{0,8})$/

/** As a search param names it: `<context id>.<name of a secret>.<version>`. */
export const secretAtText = ({ contextId, name, version }: SecretAt): string =>
  `${contextId}.${name}.${version}`

/** The same, read; nothing of a text that is none. */
export function readSecretAt(text: string): SecretAt | undefined {
  const [, contextId, name, version] = written.exec(text) ?? []
  return contextId && name ? { contextId, name, version: Number(version) } : undefined
}
