import type { Export } from '../../../contract/exports.ts'

export const whats: Readonly<Record<Export['what'], string>> = {
  audit: 'Audit trail',
  evidence: 'Evidence pack',
  decisions: 'Decisions',
  access: 'Grants',
  findings: 'Findings',
  reviews: 'Access review',
  compliance: 'Compliance',
  requests: 'Access requests',
}

export const formats: Readonly<Record<Export['format'], string>> = {
  csv: 'CSV',
  ndjson: 'NDJSON',
  zip: 'ZIP',
  pdf: 'PDF',
}
