import { openArchive } from '../../proof/archive.ts'
import { verifyPack, type PackVerdict } from '../../proof/verify-pack.ts'
import { reviewSaid } from '../../proof/verify-review.ts'

/*
 * The page that lies in every evidence pack: one file, opened from anywhere, that asks no network. What a pack says is
 * written as text alone.
 */

const key = document.querySelector<HTMLInputElement>('#key')!
const since = document.querySelector<HTMLTextAreaElement>('#since')!
const drop = document.querySelector<HTMLDivElement>('#drop')!
const pack = document.querySelector<HTMLInputElement>('#pack')!
const progress = document.querySelector<HTMLProgressElement>('#progress')!
const verdict = document.querySelector<HTMLDivElement>('#verdict')!

function tell(title: string, sentences: readonly string[]): void {
  const heading = document.createElement('h2')
  heading.textContent = title
  const list = document.createElement('ul')
  for (const sentence of sentences) {
    const line = document.createElement('li')
    line.textContent = sentence
    list.append(line)
  }
  verdict.replaceChildren(heading, list)
}

/** What was found of a whole pack, and what it does not prove. */
function sentencesOf(found: PackVerdict) {
  const { manifest, key: by, verifierKey, since: earlier, events, review } = found
  if (!manifest) return []
  const { origin, range, treeSize, counts, query, exportedAt, exportedBy } = manifest
  return [
    by === 'pinned'
      ? 'Signed by the key that you gave.'
      : `Signed by the key that came along, which proves nothing about who signed. Compare it: ${verifierKey}`,
    earlier === undefined
      ? 'Authentic. Whether anything was taken back since an earlier checkpoint is not known: give one.'
      : `Continues the checkpoint over ${earlier} events.`,
    ...(review ? [reviewSaid(review)] : []),
    `Log: ${origin}`,
    `Events: ${events}, from ${range.start} on, of ${treeSize}; ${counts.whole} whole, ${counts.hashOnly} by their hash alone.`,
    `Asked for: ${query.q ?? 'everything'}${query.from ? `, from ${query.from}` : ''}${query.until ? `, until ${query.until}` : ''}`,
    `Taken at ${exportedAt} by ${exportedBy.name}.`,
  ]
}

async function check(file: File): Promise<void> {
  verdict.replaceChildren()
  progress.hidden = false
  progress.removeAttribute('value')
  try {
    const found = await verifyPack(await openArchive(file), {
      ...(key.value.trim() && { pinnedKey: key.value }),
      ...(since.value.trim() && { since: `${since.value.trim()}\n` }),
      onProgress(done, of) {
        progress.max = Math.max(1, of)
        progress.value = done
      },
    })
    const { faults } = found
    if (faults.length > 0) tell(`${file.name} is not whole`, faults.slice(0, 20))
    else tell(`${file.name} is whole`, sentencesOf(found))
  } catch (error) {
    tell(`${file.name} could not be read`, [error instanceof Error ? error.message : String(error)])
  } finally {
    progress.hidden = true
  }
}

const take = (file: File | null | undefined) => {
  if (file) void check(file)
}
pack.addEventListener('change', () => {
  take(pack.files?.[0])
})
drop.addEventListener('dragover', (event) => {
  event.preventDefault()
  drop.dataset['over'] = ''
})
drop.addEventListener('dragleave', () => {
  delete drop.dataset['over']
})
drop.addEventListener('drop', (event) => {
  event.preventDefault()
  delete drop.dataset['over']
  take(event.dataTransfer?.files[0])
})
