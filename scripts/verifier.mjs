// Builds the page that lies in every evidence pack: dist/verifier.html, one file that needs no other and asks no network.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src/console/verifier')

const [{ output }] = await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  // Only workers would be loaded relative to it, and there are none.
  define: { 'import.meta.url': JSON.stringify('about:blank') },
  build: {
    write: false,
    target: 'es2022',
    lib: { entry: join(source, 'verifier.ts'), formats: ['iife'], name: 'verifier' },
  },
})
const script = output
  .find(({ type }) => type === 'chunk')
  .code.trim()
  .replaceAll('</script', String.raw`<\/script`)
const style = readFileSync(join(source, 'verifier.css'), 'utf8').trim()
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
const page = readFileSync(join(source, 'verifier.html'), 'utf8')
  .replace("default-src 'none'", () => policy)
  .replace('<style></style>', () => `<style>${style}</style>`)
  .replace('<script></script>', () => `<script>${script}</script>`)
if (!page.includes(script) || !page.includes(style)) throw new Error('the page has no place for it')
writeFileSync(join(root, 'dist/verifier.html'), page)
