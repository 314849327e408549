import { connect, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

/* What is too large, too slow or two requests at once is cut (P40), on raw sockets. */

let world: World
let ada: WorldPerson
let port: number
const path = '/api/v1/contexts'

beforeAll(async () => {
  world = await openWorld({ timeouts: { headersMs: 600, requestMs: 1_200, checkMs: 50 } })
  ada = await world.as('ada')
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  port = (world.app.fastify.server.address() as AddressInfo).port
})
afterAll(() => world.close())

interface Wire {
  /** Everything that was answered until the server closed the connection. */
  readonly answered: Promise<string>
  /** Sends as fast as it is taken; false once nobody takes anything any more. */
  write(bytes: string | Buffer): Promise<boolean>
  /** What was answered so far. */
  text(): string
  close(): void
}

function openWire(): Wire {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let closed = false
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  const answered = new Promise<string>((resolve) => {
    socket.on('close', () => {
      closed = true
      resolve(text)
    })
  })
  return {
    answered,
    text: () => text,
    close: () => void socket.destroy(),
    write: (bytes) =>
      new Promise((resolve) => {
        if (closed) resolve(false)
        else {
          void answered.then(() => resolve(false))
          socket.write(bytes, (error) => resolve(!error))
        }
      }),
  }
}

const head = async (method: string, lines: readonly string[], at = path) => {
  const { authorization, dpop } = await ada.headers(method, at)
  const all = [
    `${method} ${at} HTTP/1.1`,
    'Host: localhost:4400',
    `Authorization: ${authorization}`,
    `DPoP: ${dpop}`,
    ...lines,
  ]
  return `${all.join('\r\n')}\r\n\r\n`
}
const json = 'Content-Type: application/json'
const statusesOf = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
const problemIn = (text: string) => /"code":"(\w+)"/.exec(text)?.[1]
const contexts = async () => (await ada.call('contexts.list', {})).items.length

describe('bodies', () => {
  test('200 MB without a length are cut at 1 MiB, and their connection is closed', async () => {
    const wire = openWire()
    await wire.write(await head('POST', [json, 'Transfer-Encoding: chunked']))
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')])
    let sent = 0
    while (sent < 200 && (await wire.write(chunk))) sent++
    const text = await wire.answered
    // What was taken after the cut lay in the buffers of two sockets, which may grow to 32 MiB each.
    expect(sent).toBeLessThan(100)
    expect(statusesOf(text).filter((status) => status !== 413)).toEqual([])
  })

  test('a declared length above 1 MiB is refused before a byte of it is read', async () => {
    const wire = openWire()
    await wire.write(await head('POST', [json, 'Content-Length: 10000000000']))
    const text = await wire.answered
    expect([statusesOf(text), problemIn(text)]).toEqual([[413], 'too_large'])
    // The control: just below the limit it is read to its end.
    const fits = openWire()
    const body = `{"name":"${'x'.repeat(1024 * 1024 - 20)}"}`
    await fits.write(
      await head('POST', [json, `Content-Length: ${body.length}`, 'Connection: close']),
    )
    await fits.write(body)
    expect(problemIn(await fits.answered)).toBe('invalid_input')
  })

  test('forty clients that send without end cost no memory', async () => {
    const before = process.memoryUsage().rss
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`)
    const all = Array.from({ length: 40 }, async () => {
      const wire = openWire()
      await wire.write(await head('POST', [json, 'Transfer-Encoding: chunked']))
      let sent = 0
      while (sent < 1_600 && (await wire.write(chunk))) sent++
      return sent
    })
    const most = Math.max(...(await Promise.all(all)))
    expect(most).toBeLessThan(1_600)
    // They sent 4 GB, had it been taken.
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(1_000)
  })

  test('what is compressed is refused, never inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024))
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x-gzip']) {
      const sent = await ada.send(path, {
        method: 'POST',
        headers: { 'content-encoding': encoding },
        body: bomb,
      })
      expect(sent).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    }
    // The control: what says that it is as it is, is read.
    const plain = await ada.send(path, {
      method: 'POST',
      headers: { 'content-encoding': 'identity' },
      body: { name: 'as it is', description: '' },
    })
    expect(plain.status).toBe(201)
  })

  test('a request that reads has no body, however it announces one', async () => {
    for (const line of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
      const wire = openWire()
      await wire.write(await head('GET', [line]))
      const text = await wire.answered
      expect([line, statusesOf(text), problemIn(text)]).toEqual([line, [400], 'bad_request'])
    }
  })
})

describe('an address that leads nowhere', () => {
  test.each([
    ['with half of a character', '/api/v1/contexts/%E0%A4%A', 400, 'bad_request'],
    ['of a page, with half of a character', '/people/%E0%A4%A', 400, 'bad_request'],
    ['with a part that is longer than any name', `${path}/${'n'.repeat(301)}`, 404, 'not_found'],
  ])('%s is told so as everything else is', async (_, address, status, code) => {
    const { headers, ...sent } = await ada.send(address)
    expect(sent).toMatchObject({ status, body: { code, requestId: headers['x-request-id'] } })
    const known = (await ada.send('/api/v1/nowhere')).headers
    for (const name of ['content-type', 'content-security-policy', 'x-content-type-options']) {
      expect([name, headers[name]]).toEqual([name, known[name]])
    }
  })
})

describe('slow clients', () => {
  test('a head that never ends is answered 408 and closed', async () => {
    const wire = openWire()
    await wire.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    const text = await wire.answered
    expect([statusesOf(text), problemIn(text)]).toEqual([[408], 'request_timeout'])
    expect(text).toMatch(/^content-type: application\/problem\+json\r$/m)
  })

  test('a body that trickles is answered 408 and closed, and nothing was done', async () => {
    const before = await contexts()
    const wire = openWire()
    await wire.write(await head('POST', [json, 'Content-Length: 40']))
    const body = '{"name":"slow","description":""}        '
    let at = 0
    const trickle = setInterval(() => void wire.write(body[at++] ?? ' '), 100)
    const text = await wire.answered
    clearInterval(trickle)
    expect([statusesOf(text), problemIn(text)]).toEqual([[408], 'request_timeout'])
    expect(await contexts()).toBe(before)
  })

  test('a hundred of them do not keep anybody else out', async () => {
    const slow = Array.from({ length: 100 }, () => openWire())
    for (const wire of slow) await wire.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n')
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`)
    expect(answer.status).toBe(200)
    const all = await Promise.all(slow.map(({ answered }) => answered))
    expect(all.filter((text) => statusesOf(text)[0] !== 408)).toEqual([])
  })
})

describe('heads', () => {
  test.each([
    ['10,000 fields', Array.from({ length: 10_000 }, (_, at) => `X-${at}: 1`)],
    ['101 fields', Array.from({ length: 101 }, () => 'a:b')],
    ['3,000 tiny fields', Array.from({ length: 3_000 }, () => 'a:')],
    ['one field of 20 kB', [`X-Long: ${'x'.repeat(20_000)}`]],
  ])('%s are 431', async (_, lines) => {
    const wire = openWire()
    await wire.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${lines.join('\r\n')}\r\n\r\n`)
    const text = await wire.answered
    expect([statusesOf(text), problemIn(text)]).toEqual([[431], 'headers_too_large'])
  })

  test('the control: ninety fields are read', async () => {
    const lines = Array.from({ length: 90 }, (_, at) => `X-${at}: 1`)
    const wire = openWire()
    const all = ['GET /healthz HTTP/1.1', 'Host: x', 'Connection: close', ...lines]
    await wire.write(`${all.join('\r\n')}\r\n\r\n`)
    expect(statusesOf(await wire.answered)).toEqual([200])
  })
})

describe('two requests in one (CL.TE, TE.CL, TE.TE)', () => {
  const hidden = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const post = (lines: readonly string[], body: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${json}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
  test.each([
    ['CL and TE', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`)],
    ['TE and CL', post(['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${hidden}`)],
    ['two lengths', post(['Content-Length: 0', 'Content-Length: 5'], hidden)],
    ['a list of lengths', post(['Content-Length: 0, 5'], hidden)],
    ['a signed length', post(['Content-Length: +0'], hidden)],
    ['a hexadecimal length', post(['Content-Length: 0x0'], hidden)],
    ['an unknown coding', post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${hidden}`)],
    ['chunked not last', post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${hidden}`)],
    ['a space before the colon', post(['Transfer-Encoding : chunked'], `0\r\n\r\n${hidden}`)],
    ['a folded line', post(['Transfer-Encoding:\r\n chunked'], `0\r\n\r\n${hidden}`)],
    ['a bare line feed', post(['X: y\nTransfer-Encoding: chunked'], `0\r\n\r\n${hidden}`)],
    ['a bare carriage return', post(['X: y\rZ: z', 'Content-Length: 0'], hidden)],
    ['NUL in a value', post(['X: y\u0000z', 'Content-Length: 0'], hidden)],
    ['a chunk of no size', post(['Transfer-Encoding: chunked'], `zz\r\n\r\n${hidden}`)],
    ['a chunk beyond 2⁶⁴', post(['Transfer-Encoding: chunked'], `${'f'.repeat(17)}\r\n${hidden}`)],
    ['no such version', `GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n${hidden}`],
  ])('%s: one answer, 400, and the connection is closed', async (_, bytes) => {
    const wire = openWire()
    await wire.write(bytes)
    const text = await wire.answered
    expect([statusesOf(text), problemIn(text)]).toEqual([[400], 'bad_request'])
  })

  test('the control: two honest requests on one connection get two answers', async () => {
    const wire = openWire()
    const last = hidden.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
    await wire.write(hidden + last)
    expect(statusesOf(await wire.answered)).toEqual([200, 200])
  })
})

describe('streams', () => {
  test('of readers who went before they began take nobody’s place', async () => {
    const tail = '/api/v1/audit/tail'
    const all = Array.from({ length: 24 }, async (_, at) => {
      const request = await head('GET', [], tail)
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      // Gone at one moment after the other while the server finds out who asks.
      await new Promise((gone) => {
        socket.write(request, () => setTimeout(() => socket.destroy(), at))
        socket.on('close', gone)
      })
    })
    await Promise.all(all)
    // More than one person may have open at once, one after the other.
    for (let at = 0; at < 6; at++) {
      const wire = openWire()
      await wire.write(await head('GET', ['Connection: close'], tail))
      await expect.poll(() => wire.text()).toContain('HTTP/1.1 ')
      expect(wire.text()).toContain('HTTP/1.1 200')
      wire.close()
      await wire.answered
    }
  })
})
