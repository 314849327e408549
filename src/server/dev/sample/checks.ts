import type { Provider } from '../../../contract/projects.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import { decideOn, keepCheck, theTarget } from '../../features/pipelines/service.ts'
import { readConfig } from '../../pipelines/read-config.ts'
import { projects } from './cast.ts'
import type { Chance } from './chance.ts'
import type { Company } from './company.ts'
import type { Stage } from './stage.ts'

interface Parts {
  readonly stage: Stage
  readonly company: Company
  readonly chance: Chance
  /** The policies do not change while the story is told. */
  readonly judge: PolicyJudge
}

const commit = '08c6903cd8c0fde910a37f88322edcfb5dd907a8'
/** What the company's repositories say: two configs for each CI system, one of them not as it should be. */
const configs: Readonly<Record<Provider, readonly string[]>> = {
  circleci: [
    `version: 2.1
orbs:
  node: circleci/node@5.2.0
jobs:
  build:
    docker: [{image: cimg/node:22.11.0}]
    steps: [checkout, {run: npm ci}, {run: npm test}]
  deploy:
    docker: [{image: cimg/base:2026.10.1}]
    steps: [checkout, {run: ./deploy}]
workflows:
  release:
    jobs:
      - build
      - hold: {type: approval, requires: [build]}
      - deploy:
          requires: [hold]
          context: production
          filters: {branches: {only: main}}
`,
    `version: 2.1
orbs:
  node: circleci/node@5
  aws: circleci/aws-cli@volatile
jobs:
  build:
    docker: [{image: cimg/node:current}]
    steps: [checkout, {run: npm test}]
  deploy:
    docker: [{image: cimg/base:stable}]
    steps: [checkout, {run: ./deploy}]
workflows:
  release:
    jobs:
      - build
      - deploy:
          requires: [build]
          context: [production, << pipeline.parameters.region >>]
          filters: {branches: {only: [main, /release.*/]}}
`,
  ],
  github: [
    `name: Release
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@${commit}
      - run: npm test
  deploy:
    needs: test
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - run: ./deploy
`,
    `name: Pull requests
on: [push, pull_request_target]
jobs:
  test:
    runs-on: [self-hosted, linux]
    container: node:22
    steps:
      - uses: actions/checkout@v4
        with: {ref: "\${{ github.event.pull_request.head.sha }}"}
      - run: npm test
`,
  ],
  gitlab: [
    `default: {image: node:22.11.0, tags: [docker]}
test:
  script: [npm ci, npm test]
deploy:
  stage: deploy
  environment: production
  rules: [{if: $CI_COMMIT_BRANCH == "main"}]
  script: [./deploy]
`,
    `include:
  - template: Jobs/SAST.gitlab-ci.yml
default: {image: $BUILD_IMAGE, tags: [docker]}
deploy:
  environment: production
  script: [./deploy]
`,
  ],
}
const developers = ['Sam Rivera', 'Lin Zhao', 'Grace Mbeki', 'Priya Raman']

/** A few configs are checked on every working day; most pass. */
export async function playChecks(
  { stage, company, chance, judge }: Parts,
  day: Date,
  until: Date,
): Promise<void> {
  if (day.getUTCDay() === 0 || day.getUTCDay() === 6) return
  for (let count = chance.between(1, 3); count > 0; count--) {
    const at = new Date(day.getTime() + chance.between(8 * 60, 17 * 60) * 60_000)
    const { name, provider } = chance.pick(projects)
    const text = configs[provider][chance.happens(0.7) ? 0 : 1] ?? ''
    const branch = chance.happens(0.6) ? 'main' : 'feature/checkout'
    const by = chance.pick(developers)
    if (at >= until) continue
    await stage.act({
      by,
      at,
      action: 'pipelines.check',
      may: 'pipeline:check',
      work: async (scope) => {
        const input = {
          project: company.projects.get(name) ?? name,
          text,
          branch,
          fromFork: false,
          sshRerun: false,
        }
        const target = await theTarget(scope, input.project)
        const facts = readConfig({ provider, text, defaultBranch: target.project.defaultBranch })
        const checked = decideOn(scope, judge, input, target, facts)
        return keepCheck(scope, input, target, checked, chance.between(9_000, 60_000))
      },
    })
  }
}
