/** Saves an answer as a file. What broke off is cut by the server: half a file is not saved as if it were whole. */
export async function saveFile(answer: Response, name: string): Promise<void> {
  const file = await answer.blob().catch(() => {
    throw new Error('The file broke off before its end, and nothing was saved. Take it again.')
  })
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
