import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import type { CallOf, OperationId } from '../../contract/index.ts'
import { call, type Asked } from '../api/client.ts'
import { takeWaiting } from '../auth/session.ts'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { paths } from '../paths.ts'
import { Facts } from '../ui/Facts.tsx'
import { toast } from '../ui/toasts.ts'

/** What is at the address that was left is another thing after these: what was made, or the list of what is gone. */
const leadsTo: Partial<Record<OperationId, (made: { id: string }) => string>> = {
  'grants.create': ({ id }) => paths.grant(id),
  'roles.create': ({ id }) => paths.role(id),
  'roles.remove': () => paths.roles(),
  'contexts.remove': () => paths.contexts(),
  'people.import': () => paths.people(),
}

/** Texts and choices that were typed, to be typed again from. */
const typedIn = ({ input }: Asked): Record<string, string> =>
  Object.fromEntries(
    Object.entries((input ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  )

/** Finishes, once, what waited while its person confirmed on the identity provider's page. */
export function Finish() {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [failed, setFailed] = useState<{ asked: Asked; error: unknown }>()
  useEffect(() => {
    const finish = async (asked: Asked) => {
      const { id, input, version, idempotencyKey } = asked
      try {
        const made = await call(id, input as CallOf<OperationId>, {
          ...(version !== undefined && { version }),
          ...(idempotencyKey && { idempotencyKey }),
        })
        const path = leadsTo[id]?.(made as { id: string })
        if (path) void navigate(path)
        await client.invalidateQueries({ queryKey: [id.split('.')[0]] })
        toast('Confirmed, and what you asked for is done.')
      } catch (error) {
        setFailed({ asked, error })
      }
    }
    for (const asked of takeWaiting()) void finish(asked)
  }, [client, navigate])
  const close = () => setFailed(undefined)
  return (
    <Modal opened={Boolean(failed)} onClose={close} title="Confirmed, but not done">
      <ProblemNotice error={failed?.error} />
      {failed && (
        <>
          <p>You had typed:</p>
          <Facts of={typedIn(failed.asked)} />
        </>
      )}
      <Button onClick={close}>Close</Button>
    </Modal>
  )
}
