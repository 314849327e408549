import { randomBytes, randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { dpopProof, proofKey, type ProofKey } from '../../testing/issuer.ts'
import type { ProblemError } from '../problem.ts'
import { verifyProof } from './dpop.ts'
import { noncesOf } from './nonce.ts'
import { seenHere } from './seen.ts'

describe('P21: a proof is made now, with a nonce of this deployment', () => {
  const minute = 60_000
  /** Of every server of the deployment. */
  const masterKey = randomBytes(32)
  const asked = {
    method: 'POST',
    url: 'https://sallyport.example/api/v1/contexts',
    accessToken: 'x',
  }
  const checking = { ...asked, seen: seenHere(), nonces: noncesOf(masterKey) }
  const at = (offset: number, key = masterKey) => noncesOf(key, () => Date.now() + offset).current()
  let key: ProofKey

  beforeAll(async () => {
    key = await proofKey()
  })
  const using = async (nonce: unknown, jti = randomUUID()) =>
    verifyProof({
      ...checking,
      proofs: [await dpopProof(key, { ...asked, claims: { nonce, jti } })],
    })

  test('of whichever server, whose clock may be two minutes off', async () => {
    for (const offset of [-2 * minute, -minute, 0, minute, 2 * minute])
      await expect(using(at(offset)), `${offset} ms`).resolves.toBe(key.jkt)
  })

  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['none', () => undefined],
    ['an old one', () => at(-3 * minute)],
    ['one of the future', () => at(3 * minute)],
    ['one of another deployment', () => at(0, randomBytes(32))],
    ['a shortened one', () => at(0).slice(1)],
    ['a 5 kB one', () => 'x'.repeat(5_000)],
    ['a number', () => 7],
    ['nothing', () => null],
    ['a list', () => [at(0)]],
    ['an object', () => ({ nonce: at(0) })],
  ]
  test.each(wrong)(
    'with %s it is asked for again, by the challenge of RFC 9449 §9',
    async (_, nonce) => {
      const error: unknown = await using(nonce()).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'use_dpop_nonce', status: 401 })
      const { headers } = (error as ProblemError).details
      expect(headers?.['www-authenticate']).toContain('DPoP error="use_dpop_nonce"')
    },
  )

  test('what was asked for again is not used up, and what passed is', async () => {
    const jti = randomUUID()
    await expect(using('', jti)).rejects.toMatchObject({ code: 'use_dpop_nonce' })
    await expect(using(at(0), jti)).resolves.toBe(key.jkt)
    await expect(using(at(0), jti)).rejects.toMatchObject({ code: 'replayed_proof' })
  })
})
