import { Violations } from './Violations.tsx'
import { ConfigFile } from './ConfigFile.tsx'
import { useCheckHere } from './use-check.ts'

export function Component() {
  const { violations, more, text, path } = useCheckHere()
  return (
    <>
      <Violations violations={violations} more={more} />
      <ConfigFile text={text} path={path} violations={violations} />
    </>
  )
}
