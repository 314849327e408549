/** What no rule may go beyond. */
export const requestLimits = {
  /** 365 days. */
  minutes: 525_600,
  /** Approvals of one step. */
  approvals: 5,
  /** Open requests of one person. */
  open: 20,
} as const

/** How every role may be asked for until somebody says otherwise: for a working day, with one approval. */
export const firstRule = {
  requestable: true,
  maxMinutes: 480,
  leadApprovals: 1,
  securityApprovals: 0,
  answerMinutes: 4_320,
} as const
