import type { Export } from '../../contract/exports.ts'

export const exportNouns: Readonly<Record<Export['what'], string>> = {
  audit: 'Audit trail',
  evidence: 'Evidence pack',
  decisions: 'Decisions',
  access: 'Grants',
  findings: 'Findings',
  reviews: 'Access review',
  compliance: 'Compliance',
  requests: 'Access requests',
}

export const exportFormats: Readonly<Record<Export['format'], string>> = {
  csv: 'CSV',
  ndjson: 'NDJSON',
  zip: 'ZIP',
  pdf: 'PDF',
}
