import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { vaultSetup, type VaultSetupGiven } from './vault-setup.ts'

const given: VaultSetupGiven = {
  issuer: 'https://sallyport.meridian.example',
  authPath: 'ci/jwt',
  role: 'deploy',
  audience: 'https://vault.meridian.example:8200',
  contextId: '01920000-0000-7000-8000-000000000000',
  address: 'https://vault.meridian.example:8200',
  namespace: 'team/a',
}

/** Runs the text in a real shell whose `vault` writes down what it is asked. */
function run(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'vault-setup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const log = join(folder, 'log')
  writeFileSync(
    join(folder, 'vault'),
    `#!/bin/sh
{ printf 'ASKED'; printf '\\t%s' "$VAULT_ADDR" "$VAULT_NAMESPACE" "$@"; echo
for last; do :; done; [ "$last" != - ] || cat; } >> "$LOG"
`,
  )
  chmodSync(join(folder, 'vault'), 0o755)
  const env = { PATH: `${folder}:${process.env['PATH']}`, LOG: log }
  const { status, stderr } = spawnSync('sh', ['-eu'], { input: text, cwd: folder, env })
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
  return readFileSync(log, 'utf8')
    .split('ASKED\t')
    .slice(1)
    .map((asked) => {
      const [line = '', ...input] = asked.split('\n')
      const [address, namespace, ...words] = line.split('\t')
      return { address, namespace, words, input: input.join('\n').trim() }
    })
}

test('a shell that runs it sets the method up, and a role that asks for the audience and the context’s id', () => {
  const asked = run(vaultSetup(given))
  expect(asked.map(({ words }) => words)).toEqual([
    ['auth', 'enable', '-path=ci/jwt', 'jwt'],
    [
      'write',
      'auth/ci/jwt/config',
      `oidc_discovery_url=${given.issuer}`,
      `bound_issuer=${given.issuer}`,
    ],
    ['policy', 'write', 'deploy-read', '-'],
    ['write', 'auth/ci/jwt/role/deploy', '-'],
  ])
  expect(asked[0]).toMatchObject({ address: given.address, namespace: 'team/a' })
  expect(JSON.parse(asked[3]?.input ?? '')).toMatchObject({
    role_type: 'jwt',
    bound_audiences: [given.audience],
    bound_claims: { context_id: [given.contextId] },
    token_policies: ['deploy-read'],
  })
})

test('nothing that somebody wrote into a server is run as a command', () => {
  const hostile = `a'; echo >&2 "$(id)" \`id\`\\`
  const asked = run(vaultSetup({ ...given, role: hostile, audience: hostile }))
  expect(asked).toHaveLength(4)
  expect(asked[3]?.words[1]).toBe(`auth/ci/jwt/role/${hostile}`)
  expect(JSON.parse(asked[3]?.input ?? '')).toMatchObject({ bound_audiences: [hostile] })
  // Negative control: unquoted it would be.
  expect(() => run(`vault write ${hostile}\n`)).toThrow(/./)
})
