import type { ReplayDetail } from '../../contract/replays.ts'
import { query } from '../api/client.ts'

/** It goes on. */
export const isOpen = (state: ReplayDetail['state']) => state === 'waiting' || state === 'running'

/** A replay, asked for again each second until it has ended. */
export const pollReplay = (replayId: string) => ({
  ...query('replays.view', { replayId }),
  refetchInterval: ({ state }: { state: { data?: ReplayDetail | undefined } }) =>
    state.data && isOpen(state.data.state) ? 1_000 : false,
})
