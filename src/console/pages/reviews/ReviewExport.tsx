import { useMutation } from '@tanstack/react-query'
import type { ReviewDetail } from '../../../contract/reviews.ts'
import type { QueryOf } from '../../api/use-query-state.ts'
import { ExportMenu } from '../../parts/ExportMenu.tsx'
import { takeFile } from '../../parts/take-file.ts'
import { toast } from '../../ui/toasts.ts'
import { useMay } from '../../parts/use-may.ts'

const files = {
  'reviews.export': ['text/csv', 'access-review.csv'],
  'reviews.evidence': ['application/zip', 'access-review-evidence.zip'],
} as const

/** How a review is taken away, from whichever of its pages: what it shows of the lines, and all of them with their proof. */
export function ReviewExport({
  review,
  shown,
}: {
  readonly review: ReviewDetail
  /** Which lines the page shows. */
  readonly shown?: Partial<Pick<QueryOf<'reviews.lines'>, 'mine' | 'answer'>>
}) {
  const reviewId = review.id
  const may = useMay()
  const take = useMutation({
    mutationFn: (id: keyof typeof files) => takeFile(id, { reviewId }, files[id]),
    onError: (refused) => toast(refused.message, { tone: 'failed' }),
  })
  if (!review.mayExport) return null
  const proves = review.state === 'closed' && may('audit:export')
  return (
    <ExportMenu
      what="reviews"
      noun="review"
      paper
      query={{ reviewId, ...shown }}
      direct={{
        busy: take.isPending,
        files: [
          { label: 'CSV', take: () => take.mutate('reviews.export') },
          ...(proves
            ? [
                {
                  label: 'Evidence pack, to verify offline',
                  take: () => take.mutate('reviews.evidence'),
                },
              ]
            : []),
        ],
      }}
    />
  )
}
