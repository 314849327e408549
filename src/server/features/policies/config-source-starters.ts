import { circleci, config, says } from './config-starter.ts'
import type { StarterPolicy } from './starter-library.ts'

/** Where a config's code and images may come from, and how exactly it says so. */
export const sourceStarters: readonly StarterPolicy[] = [
  config(
    'config-refs-pinned',
    'Orbs, actions and includes are pinned',
    'Actions by their commit, orbs and components by a full version, included files by a commit. Whatever can change without a change here is refused.',
    [
      {
        id: 'refs_pinned',
        reason:
          '{raw}: {kind} is pinned as {pin}; name a full version of an orb, a commit of anything else',
        on: 'ref',
        clauses: `unless {
  ["sha", "local", "inline"].contains(context.pin) ||
  (context.pin == "exact" && ["orb", "component"].contains(context.kind))
}`,
      },
    ],
    says(
      'denied',
      'An action by its tag',
      'github',
      'on: push',
      'jobs:',
      '  test:',
      '    runs-on: ubuntu-latest',
      '    steps: [{uses: actions/checkout@v4}]',
    ),
    says(
      'denied',
      'An orb by its major version',
      'circleci',
      ...circleci(['build'], ['build'], ['orbs: {node: circleci/node@5}']),
    ),
    says(
      'permitted',
      'An action by its commit',
      'github',
      'on: push',
      'jobs:',
      '  test:',
      '    runs-on: ubuntu-latest',
      '    steps: [{uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8}]',
    ),
    says(
      'permitted',
      'An orb by its full version',
      'circleci',
      ...circleci(['build'], ['build'], ['orbs: {node: circleci/node@5.2.0}']),
    ),
  ),
  config(
    'config-refs-allowed',
    'Only orbs, actions and includes from the list',
    'Code from elsewhere comes from owners that somebody has looked at: circleci, actions, github, and meridian. Files of the repository itself are always allowed.',
    [
      {
        id: 'refs_allowed',
        reason: '{raw}: {kind} of an owner that is not on the list',
        on: 'ref',
        clauses: `unless {
  ["local", "inline"].contains(context.pin) ||
  ["circleci", "actions", "github", "meridian"].contains(context.owner)
}`,
      },
    ],
    says(
      'denied',
      'An orb of somebody unknown',
      'circleci',
      ...circleci(['build'], ['build'], ['orbs: {x: stranger/deploy@1.0.0}']),
    ),
    says(
      'denied',
      'An orb that a parameter names',
      'circleci',
      ...circleci(['build'], ['build'], ['orbs: {x: << pipeline.parameters.orb >>}']),
    ),
    says(
      'permitted',
      'An orb of circleci',
      'circleci',
      ...circleci(['build'], ['build'], ['orbs: {node: circleci/node@5}']),
    ),
  ),
  config(
    'config-images-allowed',
    'Only images from the list',
    'Jobs run in images of the own registry, of cimg or of the official library. An orb’s job hides its image: check the compiled config.',
    [
      {
        id: 'images_allowed',
        reason: '{raw}: image is not on the list (job {job})',
        on: 'image',
        clauses: `unless {
  context.use == "machine" ||
  context.registry == "registry.meridian.example" ||
  (context.registry == "docker.io" && (context.repository like "cimg/*" || context.repository like "library/*"))
}`,
      },
    ],
    says(
      'denied',
      'An image of somebody unknown',
      'gitlab',
      'build:',
      '  image: stranger/tools:1.0',
      '  script: [make]',
    ),
    says(
      'denied',
      'The image of an orb’s job',
      'circleci',
      ...circleci(['build'], ['node/test'], ['orbs: {node: circleci/node@5.2.0}']),
    ),
    says(
      'permitted',
      'An official image',
      'gitlab',
      'build:',
      '  image: node:22',
      '  script: [make]',
    ),
  ),
  config(
    'config-images-pinned',
    'Images are pinned, with a warning',
    'An image names a full version or a digest. Soft: the check warns, and the job goes on.',
    [
      {
        id: 'images_pinned',
        reason: '{raw}: image is pinned as {pin}; name a full version or a digest',
        on: 'image',
        clauses: 'unless { context.pin == "exact" || context.pin == "digest" }',
        level: 'soft',
      },
    ],
    says(
      'denied',
      'The newest image of the day',
      'gitlab',
      'build:',
      '  image: node:latest',
      '  script: [make]',
    ),
    says(
      'permitted',
      'A full version',
      'gitlab',
      'build:',
      '  image: node:22.11.0-bookworm',
      '  script: [make]',
    ),
  ),
]
