import { readFileSync } from 'node:fs'
import type { Handlers } from '../../http/scope.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
) as { version: string }

export const systemHandlers: Handlers<'system'> = {
  version: async ({ config }) => ({ name: 'Sallyport', version, mode: config.mode }),
}
