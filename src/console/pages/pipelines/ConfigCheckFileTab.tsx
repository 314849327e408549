import { useSearchParams } from 'react-router'
import { configTextDays } from '../../../contract/config-limits.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { Violations } from './Violations.tsx'
import { ConfigFile } from './ConfigFile.tsx'
import { useCheckHere } from './use-check.ts'

export function Component() {
  const { violations, more, text, digest, path } = useCheckHere()
  const [params] = useSearchParams()
  return (
    <>
      <Violations violations={violations} more={more} />
      {text === null ? (
        <p>
          A config’s text is kept for {configTextDays} days after its last check, and this one is no
          longer. What was found in it stays; its SHA-256 is{' '}
          <Copyable text={digest} what="SHA-256" />.
        </p>
      ) : (
        <ConfigFile
          text={text}
          path={path}
          violations={violations}
          marked={Number(params.get('line'))}
        />
      )}
    </>
  )
}
