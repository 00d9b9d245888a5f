import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useSegments(dimension: string | undefined) {
  return useQuery({
    queryKey: ['segments', dimension],
    queryFn: ({ signal }) => call('getSegments', { params: { dimension: dimension ?? '' }, signal }),
    enabled: dimension !== undefined,
    placeholderData: keepPreviousData,
  });
}
