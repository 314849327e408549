import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { lazy, Suspense, type ReactNode } from 'react'
import { signIn, signOut } from './session.ts'
import { usePendingStepUp } from './step-up.ts'
import { useSession } from './use-session.ts'

const StepUpDialog = lazy(() =>
  import('./StepUpDialog.tsx').then((m) => ({ default: m.StepUpDialog })),
)

interface NoticeProps {
  readonly title: string
  readonly text: string
  readonly action: string
  readonly onAction: () => void
}

function Notice({ title, text, action, onAction }: NoticeProps) {
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack maw={420} gap="sm">
        <Title order={1} size="h2">
          {title}
        </Title>
        <Text role="status">{text}</Text>
        <Button onClick={onAction} mt="xs">
          {action}
        </Button>
      </Stack>
    </Center>
  )
}

/** The dialog is fetched when a change first waits for its person. */
function StepUp() {
  const pending = usePendingStepUp()
  return <Suspense>{pending && <StepUpDialog pending={pending} />}</Suspense>
}

/** Nobody sees the product without a session; everybody is told why, and what to do. */
export function AuthGate({ children }: { readonly children: ReactNode }) {
  const session = useSession()
  switch (session.status) {
    case 'signed-in':
      return (
        <>
          {children}
          <StepUp />
        </>
      )
    case 'starting':
      return null
    case 'signed-out':
      return (
        <Notice
          title="You are signed out"
          text="Your session has ended here and at your identity provider."
          action="Sign in"
          onAction={() => void signIn().catch(() => {})}
        />
      )
    case 'ended':
      // The provider's session carries the same identifier, so it must end before a new one can begin.
      return (
        <Notice
          title="Your session has ended"
          text={session.sentence}
          action="Sign in again"
          onAction={() => void signOut()}
        />
      )
    case 'failed':
      return (
        <Notice
          title="Sign-in did not succeed"
          text={session.sentence}
          action="Try again"
          onAction={() => void signIn().catch(() => {})}
        />
      )
  }
}
