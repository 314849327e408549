import type { Unresolved } from '../../../contract/pipeline-facts.ts'
import { opensShell, unknown } from '../facts-of.ts'
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

/** What a job's steps are called: commands and orb commands by their names, `run` by its name or its first line. */
export function readSteps(definition: Definition, extra: readonly Tree[], scope: Scope): Steps {
  const names = new Set<string>()
  const unresolved: Unresolved[] = []
  let remoteShell = false

  const walk = (step: Tree, within: Namespace, scope: Scope, depth: number): void => {
    if (names.size > most || depth > deepest) {
      return void unresolved.push(unknown('steps', 'more steps than are read'))
    }
    const resolved = resolve(step, scope)
    const inner = (steps: Tree | undefined) =>
      itemsOf(steps).forEach((one) => walk(one, within, scope, depth + 1))
    if (resolved?.kind === 'seq') return inner(resolved)
    const [name, value] =
      resolved?.kind === 'map'
        ? ([...resolved.entries].map(([key, entry]) => [key, entry.value] as const)[0] ?? [])
        : [textOf(resolved)]
    if (name === undefined) return
    if (name.includes('<<')) return void unresolved.push(unknown('steps', name))
    if (name === 'run') return addRun(value, scope)
    if (name === 'steps') return inner(resolve(value, scope))
    if (name === 'when' || name === 'unless') return inner(resolve(at(value, 'steps'), scope))
    names.add(name)
    const command = lookUp(within, 'commands', name)
    // What `run` was for deployments, unless a command has that name.
    if (!command && name === 'deploy') addRun(value, scope)
    if (!command) {
      // An orb's command from elsewhere: the steps that it is given are run by it.
      for (const { value: argument } of entriesOf(value).values()) {
        if (argument.kind === 'seq') inner(argument)
      }
      return
    }
    const own = scopeFor(command.tree, entriesOf(value), scope)
    for (const one of itemsOf(at(command.tree, 'steps'))) walk(one, command.within, own, depth + 1)
  }

  const addRun = (value: Tree | undefined, scope: Scope) => {
    const said = textOf(at(value, 'command')) ?? textOf(value) ?? ''
    const { text: command, dynamic } = expand(said, scope)
    remoteShell ||= opensShell(command)
    // A line that begins with what is not known may run anything.
    if (dynamic && /^[ \t]*<</m.test(command)) unresolved.push(unknown('steps', command))
    names.add((textOf(at(value, 'name')) ?? command.trim().split('\n')[0] ?? '').slice(0, 120))
  }

  for (const step of itemsOf(at(definition.tree, 'steps'))) {
    walk(step, definition.within, scope, 0)
  }
  for (const step of extra) walk(step, definition.within, scope, 0)
  names.delete('')
  return { names: [...names], remoteShell, unresolved }
}
