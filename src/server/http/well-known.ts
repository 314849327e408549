import type { FastifyInstance } from 'fastify'
import type { JWK } from 'jose'

export interface WellKnownOptions {
  readonly issuer: string
  readonly published: () => Promise<JWK[]>
}

const claims =
  'sub aud exp iat iss jti nbf project project_id context context_id ci ref ref_type environment run_id lease_id'.split(
    ' ',
  )

/** What whoever trusts this deployment's federated tokens reads (OpenID Connect Discovery 1.0 §3): public by its nature. */
export function serveWellKnown(
  app: FastifyInstance,
  { issuer, published }: WellKnownOptions,
): void {
  const cached = { 'cache-control': 'public, max-age=300' }
  const jwks = '/.well-known/jwks.json'
  const open = { config: { open: 'what verifies federated tokens: public keys alone' } }
  app.get('/.well-known/openid-configuration', open, (_request, reply) =>
    reply.headers(cached).send({
      issuer,
      jwks_uri: `${issuer}${jwks}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      claims_supported: claims,
    }),
  )
  app.get(jwks, open, async (_request, reply) =>
    reply.headers(cached).send({ keys: await published() }),
  )
}
