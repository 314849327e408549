import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Persona } from '../personas.ts'

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const text = (value: string) => value.replace(/[&<>"']/g, (c) => escapes[c] ?? c)

const style = `
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#16202e;--quiet:#51607a;--line:#d5dbe5;--accent:#1f5f8b;--tint:#e9f1f7}
@media (prefers-color-scheme:dark){:root{--page:#0e131b;--card:#161d28;--ink:#e8edf5;--quiet:#a3b0c5;--line:#2c3748;--accent:#7cc0ee;--tint:#1b2a3a}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--page);color:var(--ink);font:15px/1.5 Inter,system-ui,sans-serif}
main{width:100%;max-width:440px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:32px}
.firm{margin:0;color:var(--quiet);font-size:13px;font-weight:600;letter-spacing:.02em}h1{margin:4px 0 8px;font-size:22px;line-height:1.25;letter-spacing:-.01em}p{margin:0 0 20px;color:var(--quiet)}
ul{list-style:none;margin:0;padding:0;display:grid;gap:8px}
button{width:100%;min-height:56px;display:flex;align-items:center;gap:12px;padding:8px 14px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:inherit;font:inherit;text-align:left;cursor:pointer}
button:hover{border-color:var(--accent);background:var(--tint)}button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.mark{flex:none;width:36px;height:36px;border-radius:50%;display:grid;place-items:center;background:var(--tint);color:var(--accent);font-weight:650}
.who{font-weight:600;display:block}.role{color:var(--quiet);font-size:13px;display:block}
.foot{margin:20px 0 0;font-size:13px}.plain{justify-content:center;font-weight:600;min-height:44px}form+form,.gap{margin-top:8px}`

/** One page with its own Content-Security-Policy: nothing inline runs without the nonce, nobody may frame it (C7, C11). */
export function page(title: string, body: string, consoleUrl: string, script = '') {
  const nonce = randomBytes(18).toString('base64')
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)} · Meridian Freight</title><link rel="icon" href="data:,"><style nonce="${nonce}">${style}</style></head><body><main><p class="firm">Meridian Freight</p>${body}</main>${script && `<script nonce="${nonce}">${script}</script>`}</body></html>`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src data:; form-action 'self' ${consoleUrl}; frame-ancestors 'none'; base-uri 'none'`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
  return { html, headers }
}

export function send(
  response: ServerResponse,
  status: number,
  made: ReturnType<typeof page>,
): void {
  response.writeHead(status, made.headers).end(made.html)
}

/** A button per persona; its accessible name begins with the persona's. */
export function signInPage(
  uid: string,
  people: readonly Persona[],
  again: boolean,
  consoleUrl: string,
) {
  const buttons = people.map(
    (persona) =>
      `<li><button type="submit" name="persona" value="${text(persona.key)}"><span class="mark" aria-hidden="true">${text(persona.name.slice(0, 1))}</span><span><span class="who">${text(persona.name)}</span> <span class="role">${text(persona.role)}</span></span></button></li>`,
  )
  const title = again ? 'Confirm that it is you' : 'Sign in to Sallyport'
  const lead = again
    ? 'Sallyport asks for a fresh sign-in before a sensitive change.'
    : 'Choose who you are. This identity provider belongs to evaluation mode and asks for no password.'
  return page(
    title,
    `<h1>${title}</h1><p>${lead}</p><form method="post" action="/sign-in/${text(uid)}"><ul>${buttons.join('')}</ul></form><p class="foot">Only this computer can reach this page.</p>`,
    consoleUrl,
  )
}

export function faultPage(sentence: string, consoleUrl: string) {
  return page(
    'Sign-in stopped',
    `<h1>Sign-in stopped</h1><p>${text(sentence)}</p><p class="foot"><a href="${text(consoleUrl)}">Back to Sallyport</a></p>`,
    consoleUrl,
  )
}

/** `form` is oidc-provider's, with its own cross-site token. With a valid hint the client has asked already, so nobody need confirm. */
export function signOutPage(form: string, hinted: boolean, consoleUrl: string) {
  return page(
    'Sign out',
    `<h1>Sign out?</h1><p>This ends your sign-in at Meridian Freight and in Sallyport.</p>${form}<button class="plain" form="op.logoutForm" type="submit" name="logout" value="yes">Sign out</button><button class="plain gap" form="op.logoutForm" type="submit">Stay signed in</button>`,
    consoleUrl,
    hinted ? "document.querySelector('button[name=logout]').click()" : '',
  )
}
