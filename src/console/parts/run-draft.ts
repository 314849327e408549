import type { CiRun } from '../../contract/ci-claims.ts'
import type { InputOf } from '../../contract/index.ts'

/** The facts of an imagined run, as they are typed and as they stand in the URL; blank is unknown, and unknown denies. */
export interface RunDraft {
  readonly projectId: string
  readonly branch: string
  readonly tag: string
  readonly actorLogin: string
  readonly runnerClass: string
  readonly ip: string
  readonly environment: string
  readonly trigger: string
  readonly revision: string
  readonly protectedRef: '' | 'true' | 'false'
  readonly fromFork: boolean
  readonly sshRerun: boolean
}

const texts = [
  'projectId',
  'branch',
  'tag',
  'actorLogin',
  'runnerClass',
  'ip',
  'environment',
  'trigger',
  'revision',
] as const

const textsFrom = (read: (name: string) => string | null) =>
  Object.fromEntries(texts.map((name) => [name, read(name) ?? ''])) as Record<
    (typeof texts)[number],
    string
  >

export function runFromParams(params: URLSearchParams): RunDraft {
  const protectedRef = params.get('protectedRef')
  return {
    ...textsFrom((name) => params.get(name)),
    protectedRef: protectedRef === 'true' || protectedRef === 'false' ? protectedRef : '',
    fromFork: params.get('fromFork') === 'true',
    sshRerun: params.get('sshRerun') === 'true',
  }
}

/** As search params: what is blank and what is false is left out. */
export const paramsOfRun = (draft: RunDraft): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(draft).map(([name, value]) => [
      name,
      value === '' || value === false ? undefined : String(value),
    ]),
  )

/** What a token says of its run: the facts alone, which may be sent where the token may not. */
export const runOfToken = (run: CiRun, projectId: string): RunDraft => ({
  projectId,
  branch: run.branch ?? '',
  tag: run.tag ?? '',
  actorLogin: run.actorLogin ?? '',
  runnerClass: run.runnerClass ?? '',
  ip: '',
  environment: run.environment ?? '',
  trigger: run.trigger ?? '',
  revision: run.revision ?? '',
  protectedRef: run.protectedRef === undefined ? '' : run.protectedRef ? 'true' : 'false',
  fromFork: run.fork !== 'no',
  sshRerun: run.sshRerun,
})

export function askOf(draft: RunDraft, contextId: string): InputOf<'contexts.tryRun'> {
  const { projectId, fromFork, sshRerun, protectedRef } = draft
  const known = texts.flatMap((name) =>
    name !== 'projectId' && draft[name] !== '' ? [[name, draft[name]] as const] : [],
  )
  return {
    contextId,
    projectId,
    fromFork,
    sshRerun,
    values: {},
    ...Object.fromEntries(known),
    ...(protectedRef !== '' && { protectedRef: protectedRef === 'true' }),
  }
}
