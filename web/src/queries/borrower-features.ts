import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** A borrower's features at equal steps up to now; asked for again with every new event of theirs. */
export function useBorrowerFeatures(borrowerId: string | undefined, overDays: number, enabled: boolean) {
  return useQuery({
    queryKey: ['borrower-features', borrowerId, overDays],
    queryFn: ({ signal }) =>
      call('getBorrowerFeatures', {
        params: { borrowerId: borrowerId ?? '' },
        query: { over: overDays, points: 25 },
        signal,
      }),
    enabled: enabled && borrowerId !== undefined,
    refetchInterval: 10_000,
    refetchIntervalInBackground: false,
  });
}
