import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type LettersFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly status?: 'waiting' | 'redriven' | undefined;
};

const LETTERS_MS = 5_000;

export function useDeadLetters(filter: LettersFilter, enabled: boolean) {
  return useQuery({
    queryKey: ['dead-letters', filter],
    queryFn: ({ signal }) => call('listDeadLetters', { query: filter, signal }),
    enabled,
    refetchInterval: LETTERS_MS,
    refetchIntervalInBackground: false,
    placeholderData: keepPreviousData,
  });
}
