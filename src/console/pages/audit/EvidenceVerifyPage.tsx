import { Button, FileButton, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type DragEvent } from 'react'
import type { PackVerdict } from '../../../proof/verify-pack.ts'
import { reviewSaid } from '../../../proof/verify-review.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import classes from './EvidenceVerifyPage.module.css'

export const handle = { crumb: 'Verify evidence' }

interface Asked {
  readonly file: File
  readonly pinnedKey: string
  readonly since: string
}

/** Checks a pack in this browser: it is read where it lies, and nothing of it is sent anywhere. */
async function verify(
  { file, pinnedKey, since }: Asked,
  onProgress: (done: number, of: number) => void,
): Promise<PackVerdict> {
  const { openArchive } = await import('../../../proof/archive.ts')
  const { verifyPack } = await import('../../../proof/verify-pack.ts')
  return verifyPack(await openArchive(file), {
    ...(pinnedKey.trim() && { pinnedKey }),
    ...(since.trim() && { since: `${since.trim()}\n` }),
    onProgress,
  })
}

export function Component() {
  const [pinnedKey, setPinnedKey] = useState('')
  const [since, setSince] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const [over, setOver] = useState(false)
  const [progress, setProgress] = useState({ done: 0, of: 0 })
  const check = useMutation({
    // Nothing is asked of any server.
    networkMode: 'always',
    mutationFn: (asked: Asked) => verify(asked, (done, of) => setProgress({ done, of })),
  })
  const take = (chosen: File | null | undefined) => {
    if (!chosen) return
    setFile(chosen)
    setProgress({ done: 0, of: 0 })
    check.mutate({ file: chosen, pinnedKey, since })
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files[0])
  }
  return (
    <Page
      title="Verify evidence"
      purpose="An evidence pack is checked in this browser. Nothing of it is sent anywhere."
    >
      <div className={classes.fields}>
        <TextInput
          label="Verifier key"
          description="As you were given it by other means than the pack: the key in a pack proves nothing about who signed it."
          classNames={{ input: 'sp-mono' }}
          value={pinnedKey}
          onChange={(event) => setPinnedKey(event.currentTarget.value)}
        />
        <Textarea
          label="Earlier checkpoint"
          description="One that you have kept, where the pack was taken “since” it: proves that nothing was taken back."
          classNames={{ input: 'sp-mono' }}
          autosize
          minRows={2}
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
      </div>
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <p>Drop a pack here, or</p>
        <FileButton accept=".zip,application/zip" onChange={take}>
          {(props) => (
            <Button variant="filled" loading={check.isPending} {...props}>
              Choose a pack
            </Button>
          )}
        </FileButton>
        {file && !check.isPending && (
          <Button onClick={() => take(file)}>Check {file.name} again</Button>
        )}
      </div>
      {check.isPending && progress.of > 0 && (
        <Progress label="Events checked" done={progress.done} total={progress.of} />
      )}
      <div role="status">
        {check.error && <Told tone="denied" title={check.error.message} />}
        {check.data && file && <Verdict verdict={check.data} name={file.name} />}
      </div>
    </Page>
  )
}

function Told({ tone, title }: { tone: 'denied' | 'good' | 'would'; title: string }) {
  return (
    <p>
      <Status is={tone}>{title}</Status>
    </p>
  )
}

function Verdict({ verdict, name }: { verdict: PackVerdict; name: string }) {
  const { faults, manifest, key, verifierKey, since, events, review } = verdict
  if (faults.length > 0) {
    return (
      <Panel title={`${name} is not whole`}>
        <ul className={classes.faults}>
          {faults.slice(0, 20).map((fault) => (
            <li key={fault}>
              <Status is="denied">{fault}</Status>
            </li>
          ))}
        </ul>
        {key === 'pinned' && (
          <p className="sp-dim">Checked by the key that you gave, not by the one in the pack.</p>
        )}
      </Panel>
    )
  }
  if (!manifest) return null
  const { range, treeSize, counts, query, exportedAt, exportedBy, origin } = manifest
  return (
    <Panel title={`${name} is whole`}>
      <div className={classes.verdict}>
        {key === 'pinned' ? (
          <Told tone="good" title="Signed by the key that you gave." />
        ) : (
          <Told
            tone="would"
            title="Signed by the key that came along: give the one that you were given otherwise, or compare."
          />
        )}
        {since === undefined ? (
          <Told
            tone="would"
            title="Authentic. Whether anything was taken back since an earlier checkpoint is not known: give one."
          />
        ) : (
          <Told tone="good" title={`Continues the checkpoint over ${num(since)} events.`} />
        )}
        {review && (
          <Told tone={review.start === undefined ? 'would' : 'good'} title={reviewSaid(review)} />
        )}
        <Facts
          of={{
            Log: <span className="sp-mono">{origin}</span>,
            Events:
              range.end > range.start
                ? `${num(range.start)} to ${num(range.end - 1)} of ${num(treeSize)}`
                : `none of ${num(treeSize)}`,
            Checked: num(events),
            'Asked for': query.q ? <code>{query.q}</code> : 'everything',
            ...(query.from && { From: <Time at={query.from} /> }),
            ...(query.until && { Until: <Time at={query.until} /> }),
            Whole: num(counts.whole),
            'By hash alone': num(counts.hashOnly),
            Taken: <Time at={exportedAt} />,
            By: exportedBy.name,
            ...(verifierKey && { Key: <Copyable text={verifierKey} what="verifier key" /> }),
          }}
        />
      </div>
    </Panel>
  )
}
