import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const errorsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.errors
    throw error
  }
  return []
}

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://sallyport@db.example/sallyport',
  OIDC_ISSUER: 'https://login.example',
  OIDC_CLIENT_ID: 'sallyport',
  OIDC_AUDIENCE: 'https://sallyport.example/api',
  SALLYPORT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  PUBLIC_URL: 'https://sallyport.example',
}

test('production refuses to start with every missing setting named at once', () => {
  expect(errorsOf({ NODE_ENV: 'production' })).toEqual([
    'PUBLIC_URL is missing',
    'DATABASE_URL is missing',
    'OIDC_ISSUER is missing',
    'OIDC_CLIENT_ID is missing',
    'OIDC_AUDIENCE is missing',
    'SALLYPORT_MASTER_KEY is missing',
  ])
  expect(errorsOf(production)).toEqual([])
})

test.each([
  ['SALLYPORT_MASTER_KEY', 'short'],
  ['DATABASE_URL', 'mysql://db'],
  ['PUBLIC_URL', 'https://sallyport.example/console'],
  ['PUBLIC_URL', 'http://sallyport.example'],
  ['OIDC_ISSUER', 'login.example'],
  ['OIDC_ISSUER', 'http://login.example'],
  ['PORT', '70000'],
  ['SALLYPORT_ADMIN', 'somebody'],
  ['STEP_UP_MAX_AGE', '86400'],
  ['SESSION_IDLE', '60'],
  ['SESSION_MAX_AGE', '604800'],
  ['TRUST_PROXY', '-1'],
])('a wrong %s is named, and its value is not repeated', (name, value) => {
  const [error, ...others] = errorsOf({ ...production, [name]: value })
  expect(error).toMatch(new RegExp(`^${name} `))
  expect(error).not.toContain(value)
  expect(others).toEqual([])
})

test.each(['0.0.0.0', '::', '192.168.1.7', 'sallyport.example'])(
  'evaluation mode with its sample identities does not listen on %s',
  (host) => {
    expect(errorsOf({ HOST: host })).toEqual([expect.stringMatching(/^HOST is .*loopback only/)])
    expect(errorsOf({ ...production, HOST: host })).toEqual([])
  },
)

test('evaluation mode needs no setting, and nobody but its Ada is the first administrator', () => {
  expect(readConfig({})).toMatchObject({
    mode: 'evaluation',
    publicUrl: 'http://localhost:4400',
    oidc: { issuer: 'http://localhost:4401' },
    admin: 'ada@meridian.example',
    stepUpMaxAgeSeconds: 300,
    session: { idleSeconds: 1_800, maxAgeSeconds: 43_200 },
  })
  expect(readConfig(production).admin).toBeUndefined()
})
