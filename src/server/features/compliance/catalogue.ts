import { controlId, frameworks, type FrameworkId } from '../../../contract/control-refs.ts'
import type { Check } from './check.ts'
import type { ControlDefinition } from './control.ts'
import { deliveryChecks } from './delivery-checks.ts'
import { grantChecks } from './grant-checks.ts'
import { pciControls } from './pci-controls.ts'
import { pciLoggingControls } from './pci-logging-controls.ts'
import { peopleChecks } from './people-checks.ts'
import { privacyControls } from './privacy-controls.ts'
import { recordChecks } from './record-checks.ts'
import { reviewChecks } from './review-checks.ts'
import { secretChecks } from './secret-checks.ts'
import { trustControls } from './trust-controls.ts'

/** Everything that is asked of live data. */
export const checks: readonly Check[] = [
  ...peopleChecks,
  ...grantChecks,
  ...reviewChecks,
  ...secretChecks,
  ...deliveryChecks,
  ...recordChecks,
]

const byId = new Map(checks.map((check) => [check.id, check]))

export interface CataloguedControl extends ControlDefinition {
  readonly id: string
  readonly framework: FrameworkId
  readonly frameworkName: string
  readonly asked: readonly Check[]
}

const catalogued = (definition: ControlDefinition): CataloguedControl => {
  const framework = frameworks.find(({ begins }) => definition.ref.startsWith(begins))
  if (!framework) throw new Error(`${definition.ref} is of no framework`)
  return {
    ...definition,
    id: controlId(definition.ref),
    framework: framework.id,
    frameworkName: framework.name,
    asked: definition.checks.map((id) => {
      const check = byId.get(id)
      if (!check) throw new Error(`there is no check ${id}`)
      return check
    }),
  }
}

/** Every control, in the order of its framework. */
export const controls: readonly CataloguedControl[] = [
  ...pciControls,
  ...pciLoggingControls,
  ...privacyControls,
  ...trustControls,
].map(catalogued)

const known = new Map(controls.map((control) => [control.id, control]))

export const controlOf = (id: string): CataloguedControl | undefined => known.get(id)
