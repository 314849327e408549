import type { ConfigSource } from './read-config.ts'

const circleci = (job: number) => `  job-${job}:
    docker:
      - image: cimg/node:20.${job}
      - image: &db postgres:16
    resource_class: large
    steps:
      - checkout
      - run: {name: "Test ${job}", command: npm test}
      - run: |
          npm ci
          npm run build
`
const github = (job: number) => `  job-${job}:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    environment: {name: staging}
    steps:
      - uses: actions/checkout@v4
      - run: npm test
`
const gitlab = (job: number) => `job-${job}:
  stage: test
  image: node:20
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
  script: [npm ci, npm test]
`

/** Ordinary configs of some size, which only make the engine compile what will be needed. */
export function warmingTexts(): ConfigSource[] {
  const many = (one: (job: number) => string) =>
    Array.from({ length: 120 }, (_, job) => one(job)).join('')
  const calls = Array.from(
    { length: 120 },
    (_, job) => `      - job-${job}: {context: [build], filters: {branches: {only: main}}}\n`,
  ).join('')
  return [
    {
      provider: 'circleci',
      text: `version: 2.1\njobs:\n${many(circleci)}workflows:\n  main:\n    jobs:\n${calls}`,
    },
    { provider: 'github', text: `on: push\njobs:\n${many(github)}` },
    { provider: 'gitlab', text: many(gitlab) },
  ]
}
