import { Link } from 'react-router'
import { DecisionTrace } from '../../parts/DecisionTrace.tsx'
import { paths } from '../../paths.ts'
import { Panel } from '../../ui/Panel.tsx'
import { useCheckHere } from './use-check.ts'

export function Component() {
  const { id, layers, decision } = useCheckHere()
  return (
    <>
      <Panel title="Layers" aside={<Link to={paths.decision(id)}>Recorded decision</Link>}>
        <DecisionTrace layers={layers} />
      </Panel>
      <Panel title="In CircleCI’s words">
        <pre className="sp-mono">{JSON.stringify(decision, null, 2)}</pre>
      </Panel>
    </>
  )
}
