import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useFraudQueue(page: number, pageSize: number) {
  return useQuery({
    queryKey: ['fraud queue', page, pageSize],
    queryFn: ({ signal }) => call('getFraudQueue', { query: { page, pageSize }, signal }),
    placeholderData: keepPreviousData,
  });
}
