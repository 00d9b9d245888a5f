import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type AuditEntriesFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly kind?: string | undefined;
  readonly subject?: string | undefined;
};

export function useAuditEntries(filter: AuditEntriesFilter) {
  return useQuery({
    queryKey: ['audit', 'entries', filter],
    queryFn: ({ signal }) => call('listAuditEntries', { query: filter, signal }),
    placeholderData: keepPreviousData,
  });
}
