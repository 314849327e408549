import { contextUrn, tokenType } from './exchange-words.ts'

/*
 * What a job runs to trade its CI's token for the secrets of contexts: plain curl, nothing to install. The shells in it
 * are run by `snippets.test.ts` against a real server. Tokens and leases go through standard input, never as arguments,
 * which everybody on the machine may read.
 */

export type SnippetKind = 'circleci' | 'github' | 'gitlab'

export interface CheckGiven {
  /** Where this console answers: `PUBLIC_URL`. */
  readonly url: string
  /** What the issuer is set to expect in `aud`. */
  readonly audience: string
}

export interface SnippetGiven extends CheckGiven {
  /** Contexts by name; of a variable in several, the last one's value holds. */
  readonly contexts: readonly string[]
}

export interface Snippet {
  /** Where it goes. */
  readonly file: string
  readonly text: string
  /** What one must know to use it safely. */
  readonly notes: readonly string[]
}

/** A word of a POSIX shell: nothing in it is expanded. */
const word = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const indented = (text: string, by: number) =>
  text
    .trim()
    .split('\n')
    .map((line) => (line === '' ? '' : `${' '.repeat(by)}${line}`))
    .join('\n')

const refused = `refused() { printf '%s\\n' "$1" >&2; exit 1; }`

/** From `$token` to `$secrets`, the text of a .env file that a shell reads back to the very same bytes. */
function trade({ url, contexts }: SnippetGiven): string {
  const asks = contexts.map(
    (name) => `  --data-urlencode ${word(`resource=${contextUrn(name)}`)} \\\n`,
  )
  return `
sallyport=${word(`${url}/api/v1`)}

lease=$(printf '%s' "$token" | curl --fail-with-body --silent --show-error \\
  --header 'Accept: text/plain' \\
  --data-urlencode ${word(`grant_type=${tokenType.grant}`)} \\
  --data-urlencode ${word(`subject_token_type=${tokenType.idToken}`)} \\
  --data-urlencode subject_token@- \\
${asks.join('')}  "$sallyport/exchange") || refused "$lease"

secrets=$(printf 'Authorization: Bearer %s' "$lease" | curl --fail-with-body --silent --show-error \\
  --header @- --header 'Accept: text/plain' --data '' \\
  "$sallyport/leases/redeem") || refused "$secrets"`.trim()
}

const isOrganizationId = (audience: string) =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(audience)

/** `<<` begins a parameter in CircleCI's configurations. */
const circleText = (text: string) => text.replaceAll('<<', '\\<<')

/** How a job comes by its token, as `$token`. */
const tokens: Readonly<Record<SnippetKind, (given: CheckGiven) => string>> = {
  circleci: ({ audience }) =>
    isOrganizationId(audience)
      ? 'token=$CIRCLE_OIDC_TOKEN_V2'
      : `token=$(circleci run oidc get --claims ${word(JSON.stringify({ aud: audience }))})`,
  github: ({ audience }) =>
    `
answer=$(printf 'Authorization: bearer %s' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
  curl --fail-with-body --silent --show-error --header @- \\
  --get --data ${word(`audience=${encodeURIComponent(audience)}`)} \\
  "$ACTIONS_ID_TOKEN_REQUEST_URL") || refused "$answer"
token=$(printf '%s' "$answer" | sed -n 's/.*"value" *: *"\\([^"]*\\)".*/\\1/p')
echo "::add-mask::$token"`.trim(),
  gitlab: () => 'token=$SALLYPORT_TOKEN',
}

function circleci(given: SnippetGiven): Snippet {
  const script = `
set +x
${refused}
${tokens.circleci(given)}
${trade(given)}

# Steps that follow find the values in their environment.
{ echo 'set -a'; printf '%s\\n' "$secrets"; echo 'set +a'; } >> "$BASH_ENV"`
  return {
    file: '.circleci/config.yml',
    text: `jobs:
  deploy:
    docker:
      - image: cimg/base:current
    steps:
      - run:
          name: Secrets from Sallyport
          command: |
${circleText(indented(script, 12))}
      - run: ./deploy.sh
`,
    notes: [
      'CircleCI hides only values that it stores itself: print none of these, and do not turn on `set -x`.',
      'A job has an OIDC token when it uses at least one context of CircleCI; any will do.',
      'Reruns with SSH are refused unless a trust rule says otherwise: $BASH_ENV is a file that whoever logs in reads.',
    ],
  }
}

/** Reads a .env text statement by statement, with nothing but bash: a value may have any number of lines. */
const eachForGithub = `
boundary=sallyport_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
entry=''
while IFS= read -r line; do
  if [ -z "$entry$line" ]; then continue; fi
  entry+=$line$'\\n'
  bare=\${entry//"'\\\\''"/}
  quotes=\${bare//[!\\']/}
  # With an odd number of quotes the value goes on in the next line.
  if (( \${#quotes} % 2 )); then continue; fi
  name=\${entry%%=*}
  eval "value=\${entry#*=}"
  entry=''
  # The log shows *** instead, for every line of a value.
  while IFS= read -r part || [ -n "$part" ]; do
    part=\${part//'%'/%25}
    part=\${part//$'\\r'/%0D}
    if [ -n "$part" ]; then printf '::add-mask::%s\\n' "$part"; fi
  done < <(printf '%s' "$value")
  printf '%s<<%s\\n%s\\n%s\\n' "$name" "$boundary" "$value" "$boundary" >> "$GITHUB_ENV"
done <<< "$secrets"`

function github(given: SnippetGiven): Snippet {
  const script = `
set +x
${refused}
${tokens.github(given)}
${trade(given)}

# Steps that follow find the values in their environment.${eachForGithub}`
  return {
    file: '.github/workflows/deploy.yml',
    text: `permissions:
  id-token: write
  contents: read
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: Secrets from Sallyport
        shell: bash
        run: |
${indented(script, 10)}
      - run: ./deploy.sh
`,
    notes: [
      'Without `id-token: write` GitHub gives the job no token, and ACTIONS_ID_TOKEN_REQUEST_URL is not set.',
      'Every line of every value is masked before it reaches the environment.',
      'Pull requests and pull_request_target may run a fork’s code and are refused unless a trust rule says otherwise.',
    ],
  }
}

/** GitLab expands variables there. */
const gitlabAudience = (audience: string) => JSON.stringify(audience.replaceAll('$', '$$$$'))

function gitlab(given: SnippetGiven): Snippet {
  const script = `
set +x
${refused}
${tokens.gitlab(given)}
${trade(given)}

# What follows in this job finds the values in its environment.
set -a
eval "$secrets"
set +a
unset token lease secrets`
  return {
    file: '.gitlab-ci.yml',
    text: `deploy:
  id_tokens:
    SALLYPORT_TOKEN:
      aud: ${gitlabAudience(given.audience)}
  script:
    - |
${indented(script, 6)}
    - ./deploy.sh
`,
    notes: [
      'GitLab cannot hide values that it does not store: print none of these, and do not turn on `set -x`.',
      'The values live in this job alone. Do not pass them on by artifacts:reports:dotenv: it keeps them as a file, and breaks values of several lines.',
    ],
  }
}

const makers: Readonly<Record<SnippetKind, (given: SnippetGiven) => Snippet>> = {
  circleci,
  github,
  gitlab,
}

const always = [
  'A refusal is printed to the job’s log with its failed clause, the smallest change that would permit it, and a link to its decision.',
  'It needs curl 7.76 or newer; the lease that it is given lives five minutes and is redeemed once.',
]

export function snippetFor(kind: SnippetKind, given: SnippetGiven): Snippet {
  const made = makers[kind](given)
  return { ...made, notes: [...made.notes, ...always] }
}

const files: Readonly<Record<SnippetKind, string>> = {
  circleci: '.circleci/config.yml',
  github: '.github/workflows/deploy.yml',
  gitlab: '.gitlab-ci.yml',
}

/** The lines around the script of a job that does nothing else. */
const checkJobs: Readonly<Record<SnippetKind, (script: string, given: CheckGiven) => string>> = {
  circleci: (script) => `jobs:
  config:
    docker:
      - image: cimg/base:current
    steps:
      - checkout
      - run:
          name: Config checked by Sallyport
          command: |
${circleText(indented(script, 12))}
`,
  github: (script) => `permissions:
  id-token: write
  contents: read
jobs:
  config:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Config checked by Sallyport
        shell: bash
        run: |
${indented(script, 10)}
`,
  gitlab: (script, { audience }) => `config:
  id_tokens:
    SALLYPORT_TOKEN:
      aud: ${gitlabAudience(audience)}
  script:
    - |
${indented(script, 6)}
`,
}

/** What a job runs to have its own config checked, by the same token and without any stored secret. */
export function checkSnippetFor(kind: SnippetKind, given: CheckGiven): Snippet {
  const file = files[kind]
  const script = `
set +x
${refused}
${tokens[kind](given)}

checked=$(printf 'Authorization: Bearer %s' "$token" | curl --fail-with-body --silent --show-error \\
  --header @- --header 'Accept: text/plain' --header 'Content-Type: text/yaml' \\
  --data-binary @${file} \\
  ${word(`${given.url}/api/v1/pipelines/check?path=${encodeURIComponent(file)}`)}) || refused "$checked"
case $checked in PASS*|SOFT_FAIL*) printf '%s\\n' "$checked" ;; *) refused "$checked" ;; esac`
  return {
    file,
    text: checkJobs[kind](script, given),
    notes: [
      'The token tells which project the run is of, its branch, and whether it may be of a fork: nothing of that is taken from the job’s word.',
      'The job fails where an enforced rule blocks, and where its config cannot be checked; it prints each broken rule with its line.',
      'The token may be traded for secrets afterwards: a check does not use it up.',
      'Let the other jobs require this one.',
    ],
  }
}
