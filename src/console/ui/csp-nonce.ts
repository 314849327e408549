/** The nonce of this response, for code that writes a style element of its own (CodeMirror). Vite puts the meta there. */
export function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}
