import { createServer } from 'node:net'

/**
 * Tries to listen, and stops at once: the error that it would meet, before anything slow is begun; nothing when the port is
 * free. Who listens later still meets whoever was quicker.
 */
export function listeningFault(
  host: string,
  port: number,
): Promise<NodeJS.ErrnoException | undefined> {
  const probe = createServer()
  return new Promise((told) => {
    probe.once('error', told)
    probe.listen(port, host, () => probe.close(() => told(undefined)))
  })
}
