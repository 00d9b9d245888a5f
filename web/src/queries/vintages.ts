import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useVintages(span: { readonly from?: string | undefined; readonly until?: string | undefined }) {
  return useQuery({
    queryKey: ['vintages', span],
    queryFn: ({ signal }) => call('getVintages', { query: span, signal }),
    placeholderData: keepPreviousData,
  });
}
