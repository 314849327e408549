import type { RefFact } from '../../../contract/pipeline-facts.ts'
import { unknown } from '../facts-of.ts'
import { isDynamic, pinOf, splitOnce } from '../references.ts'

/** `owner/repository/path@ref`, `./path`: an action or a reusable workflow. */
export function usesOf(
  raw: string,
  place: Pick<RefFact, 'kind' | 'line' | 'workflow' | 'job'>,
): RefFact {
  const fact: RefFact = {
    ...place,
    raw: raw.slice(0, 500),
    host: 'github.com',
    owner: '',
    name: raw.slice(0, 500),
    version: '',
    pin: 'local',
    unresolved: [],
  }
  if (isDynamic(raw)) {
    const unresolved = ['name', 'owner', 'version'].map((what) => unknown(what, raw))
    return { ...fact, pin: 'dynamic', unresolved }
  }
  if (raw.startsWith('./') || raw.startsWith('../')) return fact
  const [name, version = ''] = splitOnce(raw, '@')
  const [owner] = splitOnce(name, '/')
  // GitHub takes a commit by all its 40 digits only; whatever else is no version may be moved: a branch.
  const pin = version.length === 64 ? 'branch' : pinOf(version, 'branch')
  return { ...fact, owner, name, version, pin }
}
