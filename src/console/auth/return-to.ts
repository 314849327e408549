/** Only a path of this console may be returned to: an absolute or scheme-relative URL would be an open redirect (C5). */
export function safeReturnTo(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return '/'
  const base = 'https://console.invalid'
  const url = URL.canParse(wanted, base) ? new URL(wanted, base) : undefined
  if (!url || url.origin !== base) return '/'
  if (
    url.pathname.startsWith('//') ||
    url.pathname.startsWith('/auth/') ||
    url.pathname === '/signed-out'
  )
    return '/'
  return `${url.pathname}${url.search}${url.hash}`
}
