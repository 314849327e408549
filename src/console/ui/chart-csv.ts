interface Named {
  readonly key: string
  readonly label: string
}

/** Fields that a spreadsheet would run as a formula are quoted apart with a leading apostrophe (CWE-1236). */
function cell(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''
  const safe = /^[=+@\-\t\r]/.test(text) && typeof value !== 'number' ? `'${text}` : text
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csvOf(
  series: readonly Named[],
  points: readonly Readonly<Record<string, unknown>>[],
): string {
  const head = ['at', ...series.map((each) => each.label)]
  const rows = points.map((point) => [point['at'], ...series.map((each) => point[each.key] ?? 0)])
  return csvOfRows([head, ...rows])
}

export const csvOfRows = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => row.map(cell).join(',')).join('\r\n')

/** Saves a text as a file. */
export function downloadCsv(name: string, csv: string): void {
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`
  link.click()
  URL.revokeObjectURL(url)
}
