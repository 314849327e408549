import type { ImageFact, Unresolved } from '../../../contract/pipeline-facts.ts'
import { unknown } from '../facts-of.ts'
import { imageParts } from '../references.ts'
import { at, entriesOf, isTrue, itemsOf, textOf, type Tree } from '../tree.ts'
import { lookUp, type Definition, type Namespace } from './namespace.ts'
import { expand, resolve, scopeFor, type Scope } from './template.ts'

/** Where a job runs: images and runner, after executors and parameters. */
export interface Environment {
  readonly images: readonly Omit<ImageFact, 'workflow' | 'job'>[]
  readonly runnerClass: string
  readonly selfHosted: boolean
  readonly unresolved: readonly Unresolved[]
}

type Image = Environment['images'][number]

export function readEnvironment(
  definition: Definition,
  scope: Scope,
  root: Namespace,
): Environment {
  const { tree, within } = definition
  // What a parameter names may be of the orb that the job is of, or of the config that calls it.
  const given = textOf(at(tree, 'executor'))?.includes('<<') && within !== root
  const own = readPlace(tree, scope)
  const named = resolve(at(tree, 'executor'), scope)
  const inherited = named && readExecutor(named, given ? [within, root] : [within], scope)
  const images = own.images.length > 0 ? own.images : (inherited?.images ?? [])
  const runner = own.runnerClass ?? inherited?.runnerClass
  const unresolved = [...own.unresolved, ...(inherited?.unresolved ?? [])]
  const placed = own.placed || (inherited?.placed ?? false) || unresolved.length > 0
  if (!placed) unresolved.push(unknown('image', 'no executor is named'))
  const runnerClass = runner ?? 'default'
  // A class of one's own is `namespace/name`; every class of CircleCI's is a single word.
  return { images, runnerClass, selfHosted: runnerClass.includes('/'), unresolved }
}

interface Place {
  readonly images: readonly Image[]
  readonly runnerClass: string | undefined
  readonly unresolved: readonly Unresolved[]
  /** An image or a machine is named. */
  readonly placed: boolean
}

function readExecutor(named: Tree, places: readonly Namespace[], scope: Scope): Place {
  const said = textOf(named) ?? textOf(resolve(at(named, 'name'), scope)) ?? ''
  const { text: name, dynamic } = expand(said, scope)
  const known = dynamic ? [] : places.flatMap((one) => lookUp(one, 'executors', name) ?? [])
  const [found] = known
  if (!found || known.length > 1) {
    const unresolved = ['image', 'runner'].map((fact) => unknown(fact, `executor ${name}`))
    return { images: [], runnerClass: undefined, unresolved, placed: true }
  }
  return readPlace(found.tree, scopeFor(found.tree, entriesOf(named), scope))
}

function readPlace(tree: Tree, scope: Scope): Place {
  const unresolved: Unresolved[] = []
  const images: Image[] = []
  const docker = resolve(at(tree, 'docker'), scope)
  const machine = resolve(at(tree, 'machine'), scope)
  const macos = resolve(at(tree, 'macos'), scope)
  for (const [index, item] of itemsOf(docker).entries()) {
    const image = resolve(at(resolve(item, scope), 'image'), scope)
    const { text } = expand(textOf(image) ?? '', scope)
    if (text === '') unresolved.push(unknown('image', 'docker without an image'))
    else {
      const use = index === 0 ? ('job' as const) : ('service' as const)
      images.push({ ...imageParts(text), line: item.line, use })
    }
  }
  const onMachine = (text: string, line: number) =>
    images.push({
      ...imageParts(text),
      line,
      use: 'machine',
      registry: 'machine',
      repository: text.split(':')[0] ?? '',
    })
  const machineImage = textOf(resolve(at(machine, 'image'), scope))
  if (machineImage) onMachine(machineImage, machine?.line ?? tree.line)
  const xcode = textOf(resolve(at(macos, 'xcode'), scope))
  if (xcode) onMachine(`xcode:${xcode}`, macos?.line ?? tree.line)
  const placed = docker !== undefined || machine !== undefined || macos !== undefined
  // Older configs have it below the machine.
  const sized =
    at(tree, 'resource_class') ?? at(machine, 'resource_class') ?? at(macos, 'resource_class')
  const resource = textOf(resolve(sized, scope))
  const runner = resource === undefined ? undefined : expand(resource, scope)
  if (runner?.dynamic) unresolved.push(unknown('runner', runner.text))
  if (placed && images.length === 0 && !runner?.text.includes('/') && unresolved.length === 0) {
    // `machine: true` is whatever the CI system gives that day.
    const what = isTrue(machine) ? 'machine: true' : 'no image is named'
    unresolved.push(unknown('image', what))
  }
  return { images, runnerClass: runner?.text, unresolved, placed }
}
