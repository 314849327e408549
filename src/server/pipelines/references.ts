import type { ImageFact, Pin } from '../../contract/pipeline-facts.ts'

const commit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const exact = /^v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+.][\w.+-]{1,100})?$/
const minor = /^v?\d{1,9}\.\d{1,9}$/
const major = /^v?\d{1,9}$/

/** A full version with one of these behind it is whatever was built last. */
const moving =
  /(?:^|[-_.+])(?:latest|nightly|snapshot|edge|canary|daily|next|head|main|master|current)(?:[-_.+]|$)/i

/** How exactly a version names what will run. A tag can be moved; what is called `exact` is a full version. */
export function pinOf(version: string, otherwise: Pin): Pin {
  if (version === '') return 'floating'
  if (commit.test(version)) return 'sha'
  if (exact.test(version)) return moving.test(version) ? otherwise : 'exact'
  if (minor.test(version)) return 'minor'
  if (major.test(version)) return 'major'
  if (/^(?:~?latest|volatile|stable|edge|current|default|lts|nightly)$/.test(version))
    return 'floating'
  return otherwise
}

/** Whether a text still holds an expression of one of the three CI systems. */
export const isDynamic = (text: string): boolean =>
  text.includes('<<') ||
  text.includes('${{') ||
  text.includes('$[[') ||
  text.includes('$(') ||
  isVariable(text)

/** GitLab's and the shell's `$NAME`, `${NAME}` and `%NAME%`. */
const isVariable = (text: string) => /\$\{?[A-Za-z_]|%[A-Za-z_]\w{0,254}%/.test(text)

type Parts = Pick<
  ImageFact,
  'raw' | 'registry' | 'repository' | 'tag' | 'digest' | 'pin' | 'unresolved'
>

/**
 * An image reference in its parts, as Docker's reference grammar splits them: the first part is a registry when it has
 * a dot or a port, or is `localhost`.
 */
export function imageParts(raw: string): Parts {
  const [named, digest = ''] = splitOnce(raw, '@')
  const slash = named.lastIndexOf('/')
  const colon = named.indexOf(':', slash + 1)
  const path = colon === -1 ? named : named.slice(0, colon)
  const tag = colon === -1 ? '' : named.slice(colon + 1)
  const [first, rest] = splitOnce(path, '/')
  const registered = rest !== undefined && (/[.:]/.test(first) || first === 'localhost')
  const bare = registered ? rest : path
  const registry = registered ? first : 'docker.io'
  const repository = registry === 'docker.io' && !bare.includes('/') ? `library/${bare}` : bare
  return {
    raw: raw.slice(0, 500),
    registry: registry === 'index.docker.io' ? 'docker.io' : registry,
    repository,
    tag,
    digest,
    pin: imagePin(raw, tag, digest),
    unresolved: unknownParts(raw, path).map((fact) => ({ fact, text: raw.slice(0, 300) })),
  }
}

/** An expression after `owner/name:` leaves the name known; one after a bare name may turn that into a registry. */
function unknownParts(raw: string, path: string): string[] {
  if (!isDynamic(raw)) return []
  const named = path.includes('/') && !isDynamic(path)
  return named ? ['tag', 'digest'] : ['registry', 'repository', 'tag', 'digest']
}

function imagePin(raw: string, tag: string, digest: string): Pin {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return 'digest'
  if (isDynamic(raw)) return 'dynamic'
  if (digest !== '' || tag === '' || moving.test(tag)) return 'floating'
  const pin = pinOf(tag, 'floating')
  if (pin !== 'floating') return pin === 'sha' ? 'exact' : pin
  // `20.11.1-bookworm`, `3.12-slim`, `1.30.2.1`: the version in front says how exact it is.
  const [, version = ''] = /^v?(\d[\d.]*)(?:[-_][\w.-]{0,120})?$/.exec(tag) ?? []
  const dots = version.split('.').filter(Boolean).length
  if (dots >= 3) return 'exact'
  if (dots === 2) return 'minor'
  return dots === 1 ? 'major' : 'floating'
}

export function splitOnce(text: string, by: string): [string, string?] {
  const at = text.indexOf(by)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + by.length)]
}
