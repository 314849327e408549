import { lookup } from 'node:dns'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOutbound, OutboundError, readObject } from './outbound.ts'

/** Whom a name belongs to, as a hostile resolver would tell it: one answer after the other. */
function telling(...answers: string[][]) {
  const asked: string[] = []
  const resolve = (host: string, _: unknown, done: (...told: unknown[]) => void) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(host)
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { asked, resolve: resolve as unknown as typeof lookup }
}

const strict = createOutbound({ loopbackHttp: false, privateRanges: [] })
const evaluating = createOutbound({ loopbackHttp: true, privateRanges: [] })
const small = { maxBytes: 1_000, timeoutMs: 400 }
const refused = { name: 'OutboundError', kind: 'refused' }

const here: RequestListener = (request, response) => {
  if (request.url === '/redirect') response.writeHead(302, { location: '/object' }).end()
  else if (request.url === '/elsewhere') {
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end()
  } else if (request.url === '/huge') response.end('x'.repeat(100_000))
  else if (request.url === '/slow') response.write('{')
  else if (request.url === '/garbage') response.end('<html>')
  else if (request.url === '/broken') response.writeHead(500).end('{}')
  else if (request.url === '/object') response.end('{"fine":true}')
}
const server = createServer(here)
let url = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://localhost:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('P47: the server is nobody’s way into the network', () => {
  test.each([
    ['the metadata service', 'https://169.254.169.254/latest/meta-data'],
    ['a private address', 'https://10.0.0.7/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback, short', 'https://127.1/'],
    ['loopback as a number', 'https://2130706433/'],
    ['loopback in hex', 'https://0x7f.0.0.1/'],
    ['loopback in octal', 'https://0177.0.0.1/'],
    ['loopback, IPv6', 'https://[::1]/'],
    ['loopback, mapped', 'https://[::ffff:127.0.0.1]/'],
    ['the metadata service, mapped in hex', 'https://[::ffff:a9fe:a9fe]/'],
    ['a translated address (NAT64)', 'https://[64:ff9b::a00:7]/'],
    ['a unique local address', 'https://[fd00::1]/'],
    ['any address', 'https://0.0.0.0/'],
    ['the name of this machine', 'https://localhost/'],
    ['plain http', 'http://example.org/'],
    ['another scheme', 'file:///etc/passwd'],
    ['credentials in the address', 'https://user:word@example.org/'],
    ['no address', 'not an address'],
  ])('%s is refused', async (_, address) => {
    await expect(strict(address, small)).rejects.toMatchObject(refused)
  })

  test('a name is looked at before it is connected to: one private answer among public ones refuses', async () => {
    for (const answers of [['10.1.2.3'], ['93.184.216.34', '192.168.1.1'], ['::ffff:10.0.0.1']]) {
      const { resolve } = telling(answers)
      const outbound = createOutbound({ loopbackHttp: false, privateRanges: [] }, resolve)
      await expect(outbound('https://issuer.example/', small)).rejects.toMatchObject(refused)
    }
  })

  test('a name that changes its mind is connected to where it was looked at (rebinding)', async () => {
    // The second answer would be the server of this test; nobody asks for it.
    const { asked, resolve } = telling(['192.0.2.1'], ['127.0.0.1'])
    const rules = { loopbackHttp: false, privateRanges: ['192.0.2.0/24'] }
    const outbound = createOutbound(rules, resolve)
    await expect(outbound('https://issuer.example/', small)).rejects.toMatchObject({
      kind: 'failed',
    })
    expect(asked).toEqual(['issuer.example'])
  })

  test('a private range that is configured may be reached, its neighbour not', async () => {
    const rules = { loopbackHttp: false, privateRanges: ['10.9.0.0/16', 'fd00:9::/32'] }
    const outbound = createOutbound(rules)
    for (const address of ['https://10.9.1.2:1/', 'https://[fd00:9::1]:1/']) {
      await expect(outbound(address, small)).rejects.toMatchObject({ kind: 'failed' })
    }
    await expect(outbound('https://10.8.1.2:1/', small)).rejects.toMatchObject(refused)
  })

  test('the control: evaluation mode reaches this machine by http, and nothing else by it', async () => {
    const { status } = await evaluating(`${url}/object`, small)
    expect(status).toBe(200)
    await expect(evaluating('http://example.org/', small)).rejects.toMatchObject(refused)
    await expect(evaluating('https://10.0.0.7/', small)).rejects.toMatchObject(refused)
  })
})

describe('what does not answer as it must', () => {
  test.each([
    ['/redirect', 'redirects'],
    ['/elsewhere', 'redirects'],
    ['/huge', 'more than 1000 bytes'],
    ['/slow', 'did not answer in time'],
    ['/silent', 'did not answer in time'],
    ['/garbage', 'did not answer with JSON'],
    ['/broken', 'answered 500'],
  ])('%s fails in a sentence', async (path, says) => {
    const failing = readObject(evaluating, `${url}${path}`, small)
    await expect(failing).rejects.toThrow(OutboundError)
    await expect(failing).rejects.toThrow(says)
  })

  test('the control: an object is read', async () => {
    await expect(readObject(evaluating, `${url}/object`, small)).resolves.toEqual({ fine: true })
  })
})
