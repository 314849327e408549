import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * A server behind a Unix socket too. What a reader does not take stops it there: buffers of TCP grow to 32 MiB where the
 * system lets them, and swallow a whole file.
 */
export async function openLine(server: Server) {
  const line = createServer((request, response) => {
    // A connection of this kind has no address, and everybody is told apart by one.
    Object.defineProperty(request.socket, 'remoteAddress', { value: '127.0.0.1' })
    server.emit('request', request, response)
  })
  const socketPath = join(mkdtempSync(join(tmpdir(), 'sallyport-line-')), 'socket')
  await new Promise<void>((resolve) => line.listen(socketPath, resolve))
  return {
    ask: (path: string, headers: Record<string, string>) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        get({ socketPath, path, headers, agent: false }, resolve).once('error', reject)
      }),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => line.close(resolve))
      rmSync(dirname(socketPath), { recursive: true })
    },
  }
}
