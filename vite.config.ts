import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { callShapes } from './src/contract/call-shapes.ts'
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

/** How operations are called, without their schemas: with Zod they would be a sixth of what a page may weigh. */
function callShapesModule(): Plugin {
  const id = 'virtual:call-shapes'
  return {
    name: 'sallyport-call-shapes',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) =>
      source === `\0${id}` ? `export default ${JSON.stringify(callShapes())}` : undefined,
  }
}

export default defineConfig({
  plugins: [react(), themeSheet(), callShapesModule()],
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
