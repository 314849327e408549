import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { keptText } from '../kept-file.ts'

/**
 * The master key: the given one (production), else 32 random bytes in `<dataDir>/master-key`, readable by its owner
 * alone (evaluation mode). It never enters the database, so a copy of that tells nothing.
 */
export function masterKeyOf(from: { masterKey?: Buffer; dataDir: string }): Buffer {
  if (from.masterKey) return from.masterKey
  const file = join(from.dataDir, 'master-key')
  mkdirSync(from.dataDir, { recursive: true })
  const text = keptText(file, () => randomBytes(32).toString('base64'))
  chmodSync(file, 0o600)
  const key = Buffer.from(text, 'base64')
  if (key.length !== 32) throw new Error(`${file} does not hold a key of 32 bytes.`)
  return key
}
