import { ConfigFactTables } from './ConfigFactTables.tsx'
import { useCheckHere } from './use-check.ts'

export function Component() {
  const { facts } = useCheckHere()
  return <ConfigFactTables facts={facts} />
}
