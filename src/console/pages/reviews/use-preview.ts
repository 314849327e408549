import { useQuery } from '@tanstack/react-query'
import type { CallOf, OutputOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { count } from '../../ui/format.ts'
import { useSettled } from '../../ui/use-settled.ts'

export type Previewed = OutputOf<'reviews.preview'>

/** What would be reviewed as it is chosen, as long as nothing is missing; asked once the choosing pauses. */
export function usePreview(chosen: CallOf<'reviews.preview'>, complete: boolean) {
  // As text, which is the same as long as what is chosen is.
  const text = JSON.stringify(chosen)
  const settled = useSettled(text, 200)
  return useQuery({
    ...query('reviews.preview', chosen),
    enabled: complete && settled === text,
    placeholderData: (before) => before,
    retry: false,
  })
}

/** Whose lines nobody could review, and what to do about it; nothing where there are none. */
export function nobodySaid({ nobody }: Previewed): string | undefined {
  if (nobody.length === 0) return undefined
  const some = nobody.slice(0, 3).map(({ name }) => name)
  const more = nobody.length - some.length
  const whose = more > 0 ? `${some.join(', ')} and ${count(more, 'other')}` : some.join(' and ')
  return `Nobody could review what ${whose} ${nobody.length === 1 ? 'holds' : 'hold'}. Name somebody else as a further fallback.`
}

/** Why a review of that could not be started; nothing where it could. */
export const whyNotStarted = (preview: Previewed): string | undefined =>
  preview.lines === 0 ? 'There is nothing to review in this scope.' : nobodySaid(preview)
