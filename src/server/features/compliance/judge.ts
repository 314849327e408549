import type { ControlState } from '../../../contract/compliance.ts'
import type { Db } from '../../db/connect.ts'
import type { CataloguedControl } from './catalogue.ts'
import type { Answer, Check, Setting } from './check.ts'

export type Answers = ReadonlyMap<string, Answer>

/** Asks each check once, whatever number of controls turns on it. */
export async function askAll(db: Db, asked: Iterable<Check>, setting: Setting): Promise<Answers> {
  const answers = new Map<string, Answer>()
  for (const check of asked) {
    if (!answers.has(check.id)) answers.set(check.id, await check.ask(db, setting))
  }
  return answers
}

const order: Readonly<Record<ControlState, number>> = {
  not_met: 0,
  partly: 1,
  not_measurable: 2,
  met: 3,
}

/**
 * What the answers come to for a control. What cannot be measured neither meets it nor fails it; met is only what every
 * measured check meets, and where that is too little of the requirement, it is partly met at most.
 */
export function judge(
  control: CataloguedControl,
  answers: Answers,
): { readonly state: ControlState; readonly says: string } {
  const all = control.asked
    .flatMap(({ id }) => answers.get(id) ?? [])
    .toSorted((one, other) => order[one.state] - order[other.state])
  const measured = all.map(({ state }) => state).filter((state) => state !== 'not_measurable')
  const found: ControlState =
    measured.length === 0
      ? 'not_measurable'
      : measured.every((state) => state === 'met')
        ? 'met'
        : measured.every((state) => state === 'not_met')
          ? 'not_met'
          : 'partly'
  const state = found === 'met' ? (control.most ?? 'met') : found
  const told = all.map(({ says }) => says)
  // What kept it from being met stands in the sentence, wherever it is read.
  const capped = state !== found || all.length === 0
  return { state, says: [...told, ...(capped && control.beyond ? [control.beyond] : [])].join(' ') }
}
