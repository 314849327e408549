import { problem, type ProblemError } from '../problem.ts'

/** RFC 6750 §3: a description has ASCII only, without quotes and backslashes. */
const clean = (text: string) => text.replace(/["\\]/g, "'").replace(/[^ -~]/g, '.')

/** No credentials at all: which schemes would do (RFC 9110 §11.6.1; RFC 6750 §3 wants no error code here). */
export function unauthenticated(sentence: string): ProblemError {
  return problem('unauthenticated', sentence, {
    headers: { 'www-authenticate': 'DPoP algs="ES256 EdDSA", Bearer' },
  })
}

/** RFC 6750 §3.1 and RFC 9449 §7.1: the token is expired, revoked, malformed or meant for somebody else. */
export function invalidToken(sentence: string): ProblemError {
  return problem('invalid_token', sentence, {
    headers: {
      'www-authenticate': `DPoP error="invalid_token", error_description="${clean(sentence)}", algs="ES256 EdDSA"`,
    },
  })
}

/** RFC 9449 §7.1: the proof of possession does not hold. */
export function invalidProof(sentence: string): ProblemError {
  return problem('invalid_proof', sentence, {
    headers: {
      'www-authenticate': `DPoP error="invalid_dpop_proof", error_description="${clean(sentence)}", algs="ES256 EdDSA"`,
    },
  })
}

/** RFC 9449 §8 and §9: the same again with the nonce that every answer brings in `DPoP-Nonce`. No refusal of anybody. */
export function wantsNonce(): ProblemError {
  const sentence = 'Make the DPoP proof with the nonce of this answer (DPoP-Nonce), and ask again.'
  return problem('use_dpop_nonce', sentence, {
    error: 'use_dpop_nonce',
    headers: {
      'www-authenticate': `DPoP error="use_dpop_nonce", error_description="${sentence}", algs="ES256 EdDSA"`,
    },
  })
}

/** The proof was good, once. */
export function replayedProof(): ProblemError {
  const sentence = 'This DPoP proof was used before. Make a new one for every request.'
  return problem('replayed_proof', sentence, {
    headers: {
      'www-authenticate': `DPoP error="invalid_dpop_proof", error_description="${sentence}", algs="ES256 EdDSA"`,
    },
  })
}
