import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReviewStatusDto } from '../contract.ts';
import { call } from '../http/call.ts';

const REFRESH_MS = 10_000;

export type ReviewsFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly status?: ReviewStatusDto | undefined;
};

/** Others take and decide cases meanwhile: asked for again while the page is looked at. */
export function useReviews(filter: ReviewsFilter) {
  return useQuery({
    queryKey: ['reviews', filter],
    queryFn: ({ signal }) => call('listReviews', { query: filter, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}
