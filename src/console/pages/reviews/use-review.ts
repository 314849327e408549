import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'

export const oneReview = (reviewId: string) => query('reviews.view', { reviewId })

/** The review; looked at again and again while what was signed off is being carried out. */
export const useReview = (reviewId: string) =>
  useQuery({
    ...oneReview(reviewId),
    refetchInterval: ({ state }) => (state.data?.state === 'applying' ? 1_000 : false),
  })
