import { useQuery } from '@tanstack/react-query'
import type { LoaderFunctionArgs } from 'react-router'
import type { ReviewDetail } from '../../../contract/reviews.ts'
import { query } from '../../api/client.ts'
import { queryClient } from '../../query-client.ts'

const oneReview = (reviewId: string) => query('reviews.view', { reviewId })

/** The review; looked at again and again while what was signed off is being carried out. */
export const useReview = (reviewId: string) =>
  useQuery({
    ...oneReview(reviewId),
    refetchInterval: ({ state }) => (state.data?.state === 'applying' ? 1_000 : false),
  })

/** Of every page about one review. */
export const reviewLoader = ({ params }: LoaderFunctionArgs) =>
  queryClient.ensureQueryData(oneReview(params['reviewId'] ?? ''))

export const reviewHandle = { crumb: (review: ReviewDetail | undefined) => review?.name }
