// Writes public/openapi.json, derived from the contract; its test says when it is no longer what the contract says.
import { writeFileSync } from 'node:fs'
import { openapi } from '../src/contract/openapi.ts'

writeFileSync(
  new URL('../public/openapi.json', import.meta.url),
  `${JSON.stringify(openapi(), null, 2)}\n`,
)
