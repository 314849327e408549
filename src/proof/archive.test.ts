import { expect, test } from 'vitest'
import { archived, openArchive } from './archive.ts'

async function archiveOf(path: string): Promise<string> {
  const pieces: Uint8Array[] = []
  const one = async function* () {
    yield await Promise.resolve({ path, content: 'x' })
  }
  for await (const piece of archived(one())) pieces.push(piece)
  return Buffer.concat(pieces).toString('latin1')
}
const opened = (archive: string) => openArchive(new Blob([Buffer.from(archive, 'latin1')]))

test('a file whose name leads out of the archive is named (zip slip)', async () => {
  const archive = await archiveOf('aa/slip')
  // The control: as it was made, it opens.
  expect((await opened(archive)).map(({ path }) => path)).toEqual(['aa/slip'])
  await expect(opened(archive.replaceAll('aa/slip', '../slip'))).rejects.toThrow(
    'This is no ZIP archive that can be read: its entry “../slip” has a name that leads elsewhere',
  )
})

test('bytes before or behind an archive, and its comment, are no part of a pack', async () => {
  const archive = await archiveOf('a')
  // Its last two bytes say how long the comment is that follows.
  const commented = `${archive.slice(0, -2)}\u0002\u0000xx`
  for (const more of [`xx${archive}`, `${archive}xx`, commented]) {
    await expect(opened(more)).rejects.toThrow('it holds bytes that belong to no file')
  }
  expect(await opened(archive)).toHaveLength(1)
})
