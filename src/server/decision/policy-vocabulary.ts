import { configActions, isConfigAction } from '../../contract/config-actions.ts'
import { permissionGroups, type PermissionNoun } from '../../contract/permission-groups.ts'
import type { PolicySchema } from '../../contract/policies.ts'
import { schemaText } from './cedar.ts'

type Attributes = PolicySchema['actions'][number]['context']

const attribute = /^\s*(\w+)(\?)?:\s*([\w<>]+),?\s*(?:\/\/\s*(.*))?$/

/** `name?: Type, // what it says`, one a line or several on one. */
function attributesOf(body: string): Attributes {
  const lines = body.includes('\n') ? body.split('\n') : body.split(',')
  return lines.flatMap((line) => {
    const [, name, optional, type, says] = attribute.exec(line.trim()) ?? []
    if (!name || !type) return []
    return [{ name, type, optional: optional === '?', ...(says && { says }) }]
  })
}

const list = (names: string | undefined) => (names ?? '').split(/,\s*/).filter(Boolean)

function saysOf(action: string): string {
  if (isConfigAction(action)) return configActions[action]
  const [noun, verb] = action.split(':')
  const verbs = permissionGroups[noun as PermissionNoun]?.verbs as { [verb: string]: string }
  return verbs?.[verb ?? ''] ?? ''
}

let read: PolicySchema | undefined

/**
 * What completion offers, read from the schema's own lines and comments, so that it cannot know another schema than the
 * engine does. `policy-vocabulary.test.ts` holds it to what Cedar reads.
 */
export function policyVocabulary(): PolicySchema {
  if (read) return read
  const types = new Map<string, Attributes>()
  for (const [, name = '', body = ''] of schemaText.matchAll(/type (\w+) = \{([^}]*)\};/g)) {
    types.set(name, attributesOf(body))
  }
  const entities = [...schemaText.matchAll(/entity (\w+)[^{;]*(?:\{([^}]*)\})?;/g)].map(
    ([, name = '', body = '']) => ({ name, attributes: attributesOf(body) }),
  )
  const action =
    /action "([^"]+)"[^;]*?appliesTo\s*\{\s*principal: \[([^\]]*)\],\s*resource: \[([^\]]*)\],\s*context: (\w+)/g
  const actions = [...schemaText.matchAll(action)].map(
    ([, name = '', principals, resources, context = '']) => {
      return {
        name,
        says: saysOf(name),
        principals: list(principals),
        resources: list(resources),
        context: types.get(context) ?? [],
      }
    },
  )
  read = { text: schemaText, entities, actions }
  return read
}
