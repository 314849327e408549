import type { Pin, RefFact } from '../../../contract/pipeline-facts.ts'
import { unknown } from '../facts-of.ts'
import { isDynamic, pinOf, splitOnce } from '../references.ts'
import { at, itemsOf, textOf, textsOf, type Tree } from '../tree.ts'

/** What `include` takes in: files of this or another project, addresses, templates, components. */
export function includesOf(tree: Tree | undefined, job = ''): RefFact[] {
  return itemsOf(tree).flatMap((item) => includeOf(item, job))
}

/** A step of `run` from elsewhere: by its address, as a component is, or by a repository and a revision. */
export function stepsOf(step: Tree, job: string): RefFact[] {
  const from = at(step, 'step') ?? at(step, 'func')
  if (!from) return []
  const fact = factIn(from, job)
  const said = textOf(from)
  if (said !== undefined) {
    const local = said.startsWith('.') || said.startsWith('/')
    return [local ? fact(said, { kind: 'component' }) : componentOf(said, fact)]
  }
  const text = (name: string) => textOf(at(from, 'git', name)) ?? textOf(at(from, 'oci', name))
  const version = text('rev') ?? text('tag') ?? ''
  const name = text('url') ?? text('registry') ?? ''
  const raw = version ? `${name}@${version}` : name
  return [fact(raw, { kind: 'component', name, version, pin: pinOf(version, 'branch') })]
}

type MakeFact = (raw: string, more: Partial<RefFact>) => RefFact

const factIn =
  ({ line }: Tree, job: string): MakeFact =>
  (raw, more) => {
    const dynamic = isDynamic(raw)
    const unresolved = dynamic ? ['name', 'owner', 'version'].map((what) => unknown(what, raw)) : []
    return {
      kind: 'include',
      raw: raw.slice(0, 500),
      line,
      host: '',
      owner: '',
      name: raw,
      version: '',
      workflow: 'pipeline',
      job,
      unresolved,
      ...more,
      pin: dynamic ? 'dynamic' : (more.pin ?? 'local'),
    }
  }

function includeOf(item: Tree, job: string): RefFact[] {
  const fact = factIn(item, job)
  const remote = (address: string, integrity?: string) =>
    fact(address, {
      host: URL.canParse(address) ? new URL(address).host : '',
      version: integrity ?? '',
      pin: integrity?.startsWith('sha256-') ? 'sha' : 'url',
    })
  const said = textOf(item)
  if (said !== undefined) return [/^https?:\/\//.test(said) ? remote(said) : fact(said, {})]
  const key = (name: string) => textOf(at(item, name))
  const component = key('component')
  if (component !== undefined) return [componentOf(component, fact)]
  const address = key('remote')
  if (address !== undefined) return [remote(address, key('integrity'))]
  const template = key('template')
  // It comes with the GitLab instance, as that is on the day.
  if (template !== undefined) return [fact(template, { owner: 'gitlab', pin: 'floating' })]
  const project = key('project')
  if (project !== undefined) {
    const ref = key('ref') ?? ''
    const pin =
      ref === ''
        ? ('branch' as const)
        : isDynamic(ref)
          ? ('dynamic' as const)
          : pinOf(ref, 'branch')
    const [owner] = splitOnce(project, '/')
    const files = textsOf(at(item, 'file'))
    return (files.length > 0 ? files : ['']).map((file) =>
      fact(`${project}${file && `/${file.replace(/^\//, '')}`}${ref && `@${ref}`}`, {
        owner,
        name: project,
        version: ref,
        pin,
      }),
    )
  }
  const artifact = key('artifact')
  if (artifact !== undefined) {
    const unresolved = ['name', 'version'].map((what) => unknown(what, `artifact ${artifact}`))
    return [{ ...fact(artifact, { unresolved }), pin: 'dynamic' }]
  }
  const local = key('local')
  return local === undefined ? [] : [fact(local, {})]
}

function componentOf(raw: string, fact: MakeFact): RefFact {
  const [path, version = ''] = splitOnce(raw, '@')
  const [host = '', ...rest] = path.split('/')
  const pin: Pin = version === '~latest' ? 'floating' : pinOf(version, 'branch')
  const own = host.startsWith('$CI_SERVER')
  const made = fact(raw, {
    kind: 'component',
    host,
    owner: rest[0] ?? '',
    name: rest.join('/'),
    version,
    pin,
  })
  // `$CI_SERVER_FQDN` and `$CI_SERVER_HOST` are this very instance.
  const known = own && !isDynamic(raw.slice(host.length))
  return known ? { ...made, pin, unresolved: [] } : made
}
