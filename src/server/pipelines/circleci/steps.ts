import type { Unresolved } from '../../../contract/pipeline-facts.ts'
import { beginsWith, opensShell, unknown } from '../facts-of.ts'
import { at, entriesOf, itemsOf, textOf, type Tree } from '../tree.ts'
import { lookUp, type Definition, type Namespace } from './namespace.ts'
import { expand, resolve, scopeFor, type Scope } from './template.ts'

export interface Steps {
  readonly names: readonly string[]
  readonly remoteShell: boolean
  readonly unresolved: readonly Unresolved[]
}

/** More than anybody writes: commands inside of commands stop here. */
const deepest = 12
const most = 300
/** Steps of one job, those of its commands' commands counted each time. */
const mostWalked = 10_000

/** What a job's steps are called: commands and orb commands by their names, `run` by its name or its first line. */
export function readSteps(
  definition: Definition,
  extra: readonly Tree[],
  scope: Scope,
  root: Namespace,
): Steps {
  const names = new Set<string>()
  const unresolved: Unresolved[] = []
  let remoteShell = false
  let walked = 0

  /** `given`: as a parameter, by the orb itself or by the config that calls it. */
  const walk = (
    step: Tree,
    within: Namespace,
    scope: Scope,
    depth: number,
    given = false,
  ): void => {
    walked += 1
    if (names.size > most || depth > deepest || walked > mostWalked) {
      return void unresolved.push(unknown('steps', 'more steps than are read'))
    }
    const resolved = resolve(step, scope)
    const inner = (steps: Tree | undefined, from = steps) =>
      itemsOf(steps).forEach((one) => walk(one, within, scope, depth + 1, given || from !== steps))
    if (resolved?.kind === 'seq') return inner(resolved, step)
    const [name, value] =
      resolved?.kind === 'map'
        ? ([...resolved.entries].map(([key, entry]) => [key, entry.value] as const)[0] ?? [])
        : [textOf(resolved)]
    if (name === undefined) return
    if (name.includes('<<')) return void unresolved.push(unknown('steps', name))
    if (name === 'run') return addRun(value, scope)
    if (name === 'steps') return inner(resolve(value, scope), value)
    if (name === 'when' || name === 'unless') {
      return inner(resolve(at(value, 'steps'), scope), at(value, 'steps'))
    }
    names.add(name)
    const own = lookUp(within, 'commands', name)
    // What an orb is given to run is called as the config calls it.
    const outer = own && !given ? undefined : lookUp(root, 'commands', name)
    const command = own ?? outer
    if (own && outer && within !== root) unresolved.push(unknown('steps', name))
    // What `run` was for deployments, unless a command has that name.
    if (!command && name === 'deploy') addRun(value, scope)
    if (!command) {
      // An orb's command from elsewhere: the steps that it is given are run by it.
      // What a built-in step is given are paths and keys.
      const given = name.includes('/') ? [...entriesOf(value).values()] : []
      for (const { value: argument } of given) if (argument.kind === 'seq') inner(argument)
      return
    }
    const inside = scopeFor(command.tree, entriesOf(value), scope)
    for (const one of itemsOf(at(command.tree, 'steps'))) {
      walk(one, command.within, inside, depth + 1)
    }
  }

  const addRun = (value: Tree | undefined, scope: Scope) => {
    const said = textOf(at(value, 'command')) ?? textOf(value) ?? ''
    const { text: command, dynamic } = expand(said, scope)
    remoteShell ||= opensShell(command)
    // A line that begins with what is not known may run anything.
    if (dynamic && beginsWith(command, '<<')) unresolved.push(unknown('steps', command))
    names.add((textOf(at(value, 'name')) ?? command.trim().split('\n')[0] ?? '').slice(0, 120))
  }

  for (const step of itemsOf(at(definition.tree, 'steps'))) {
    walk(step, definition.within, scope, 0)
  }
  for (const step of extra) walk(step, root, scope, 0)
  names.delete('')
  return { names: [...names], remoteShell, unresolved }
}
