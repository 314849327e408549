/** How long an exception from restrictions lasts, in minutes; and within which time it must be decided on. */
export const exceptionLimits = { least: 5, usual: 120, most: 1_440, answer: 1_440 } as const
