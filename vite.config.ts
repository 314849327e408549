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

/**
 * What every page needs, as one file: apart these are thirty, each compressed by itself and named in the list of what
 * each of a hundred pages loads ahead. A fourteenth of what a page weighs.
 */
const inShell = {
  packages: 'react|react-dom|scheduler|react-router|@floating-ui|@tanstack|@mantine/hooks',
  components:
    'Menu|Popover|Tooltip|Button|ActionIcon|Transition|FocusTrap|Portal|Loader|CloseButton|UnstyledButton|Paper|ModalBase|Overlay',
}
const shell = new RegExp(
  `/node_modules/(${inShell.packages}|@mantine/core/esm/(core|components/(${inShell.components})))/`,
)

/**
 * What signs in, which alone is loaded before anybody has: apart from the entry, which keeps a file of its own, by which the
 * budget and the page find it.
 */
const signIn = (id: string) => !/main\.tsx$|index\.html$/.test(id)
/**
 * What is loaded before any page, with all that it imports, as a second file beside the shell: apart it is thirty requests of a
 * kilobyte or two.
 */
const start = /\/src\/console\/show-console\.ts$/
/**
 * What very many parts of the console share, as a third: a page asks for 8 to 20 files less, and a browser takes an eighth
 * less work to show one. What fewer share would weigh on pages that have nothing of it.
 */
const common = { test: /\/src\/console\/(ui|parts|api|auth)\/|\/@mantine\//, minShareCount: 20 }
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
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'sign-in', tags: ['$initial'], test: signIn, priority: 3 },
            { name: 'shell', test: shell, priority: 2 },
            { name: 'start', test: start, priority: 1 },
            { name: 'common', ...common },
          ],
        },
      },
    },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
})
