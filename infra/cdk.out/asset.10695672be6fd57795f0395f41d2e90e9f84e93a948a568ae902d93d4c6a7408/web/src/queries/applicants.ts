import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Applicants, ApplicantsQuery } from '../contract.ts';
import { call } from '../http/call.ts';

export function useApplicants(query: ApplicantsQuery) {
  return useQuery({
    queryKey: ['applicants', query],
    queryFn: ({ signal }) => call('listApplicants', { query, signal }),
    placeholderData: keepPreviousData,
  });
}

const EXPORT_PAGE_SIZE = 200;
export const EXPORT_ROWS_LIMIT = 10_000;

/** All rows of a filter, page by page, up to `EXPORT_ROWS_LIMIT`: what the CSV export takes. */
export async function fetchAllApplicants(query: ApplicantsQuery): Promise<Applicants['rows']> {
  const rows: Applicants['rows'] = [];
  for (let page = 1; rows.length < EXPORT_ROWS_LIMIT; page += 1) {
    const answer = await call('listApplicants', { query: { ...query, page, pageSize: EXPORT_PAGE_SIZE } });
    rows.push(...answer.rows);
    if (answer.rows.length < EXPORT_PAGE_SIZE || rows.length >= answer.total) break;
  }
  return rows;
}
