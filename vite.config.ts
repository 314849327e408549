import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { themeCss } from './src/console/ui/theme-css.ts'

/**
 * The component library's variables as a static style sheet: it would write them into `<style>` elements by innerHTML
 * at run time, which `require-trusted-types-for 'script'` refuses.
 */
function themeSheet(): Plugin {
  const id = 'virtual:theme.css'
  return {
    name: 'sallyport-theme',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) => (source === `\0${id}` ? themeCss() : undefined),
  }
}

export default defineConfig({
  plugins: [react(), themeSheet()],
  publicDir: 'public',
  // The server fills the placeholder per response; vite puts it on every script, style and preload.
  html: { cspNonce: '{{nonce}}' },
  // As modules, so that the policy engine's worker finds its WebAssembly beside itself.
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    target: 'es2022',
    manifest: true,
    // Nothing as data: URLs: the content security policy has no `data:` for fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
})
