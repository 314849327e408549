// Runs PostgreSQL and stops it when the server that started it is gone: its end of our standard input closes then,
// also after `kill -9`. Plain JavaScript, no imports from the project: it must outlive everything else.
import { spawn } from 'node:child_process'

const [, , specification] = process.argv
const { command, args, uid, gid } = JSON.parse(specification)
const postgres = spawn(command, args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  ...(uid === undefined ? {} : { uid, gid }),
})

let stopping = false
function stop() {
  if (stopping) return
  stopping = true
  // SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything acknowledged is on disk.
  postgres.kill('SIGINT')
}

process.stdin.on('end', stop)
process.stdin.on('error', stop)
process.stdin.resume()
// Ctrl-C reaches the whole process group; the server decides when the database stops.
process.on('SIGINT', () => {})
process.on('SIGTERM', stop)
process.on('SIGHUP', () => {})
postgres.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
postgres.on('exit', (code) => process.exit(stopping ? 0 : (code ?? 1)))
