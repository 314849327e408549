// `npm run --silent ci-token -- circleci checkout-api --branch main`: a token as that CI would issue it to a job of the
// sample company, from evaluation mode's own CI systems. `--claim name=value` replaces a claim, `--claim name=` takes it away.
import { parseArgs } from 'node:util'
import { readConfig } from '../src/server/config.ts'

const usage =
  'npm run --silent ci-token -- circleci|github|gitlab <project> [--branch b] [--tag t] [--environment e] [--actor a] [--audience a] [--fork] [--ssh-rerun] [--claim name=value]…'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    branch: { type: 'string' },
    tag: { type: 'string' },
    environment: { type: 'string' },
    actor: { type: 'string' },
    audience: { type: 'string' },
    fork: { type: 'boolean' },
    'ssh-rerun': { type: 'boolean' },
    claim: { type: 'string', multiple: true },
  },
})
const [provider, project] = positionals
if (!provider || !project) {
  process.stderr.write(`${usage}\n`)
  process.exit(2)
}
const { 'ssh-rerun': sshRerun, claim = [], ...wish } = values
const claims = Object.fromEntries(
  claim.map((text) => {
    const at = text.indexOf('=')
    return [text.slice(0, at), text.slice(at + 1) || null]
  }),
)
const { port } = readConfig(process.env)
const answer = await fetch(`http://localhost:${port + 2}/token`, {
  method: 'POST',
  body: JSON.stringify({ provider, project, claims, ...wish, ...(sshRerun && { sshRerun }) }),
}).catch(() => undefined)
const body = (await answer?.json()) as { token?: string; error?: string } | undefined
if (body?.token) process.stdout.write(`${body.token}\n`)
else {
  const told =
    body?.error ?? `No evaluation mode answers on port ${port + 2}. Start it with "npm start".`
  process.stderr.write(`${told}\n`)
  process.exitCode = 1
}
