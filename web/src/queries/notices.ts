import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DutyFilterDto } from '../contract.ts';
import { call } from '../http/call.ts';

const REFRESH_MS = 30_000;

export type NoticesFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly state?: DutyFilterDto | undefined;
};

/** Duties open and are done by others meanwhile: asked for again while the page is looked at. */
export function useNotices(filter: NoticesFilter) {
  return useQuery({
    queryKey: ['notices', filter],
    queryFn: ({ signal }) => call('listNotices', { query: filter, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}
