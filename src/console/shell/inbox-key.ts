/** Where how much waits in the inbox is kept. */
export const inboxKey = ['inbox', 'waiting'] as const
