import pino, { type DestinationStream, type Logger } from 'pino'
import { printable } from '../contract/printable.ts'
import type { Config } from './config.ts'

/** The server's log: JSON lines that are inert in a terminal as well, whatever a client made part of them (P36). */
export function openLog(
  level: Config['logLevel'],
  destination: DestinationStream = process.stdout,
): Logger {
  const inert = { write: (line: string) => destination.write(printable(line, '\n')) }
  return pino({ level, redact: ['*.authorization', '*.dpop', '*.token'] }, inert)
}
