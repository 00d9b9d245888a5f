import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useFairnessTraits() {
  return useQuery({ queryKey: ['fairness traits'], queryFn: ({ signal }) => call('listFairnessTraits', { signal }) });
}

export function useFairnessGroups(trait: string | undefined, reference: string | undefined) {
  return useQuery({
    queryKey: ['fairness groups', trait, reference],
    queryFn: ({ signal }) =>
      call('getFairnessGroups', {
        query: { trait: trait ?? '', ...(reference === undefined ? {} : { reference }) },
        signal,
      }),
    enabled: trait !== undefined,
    placeholderData: keepPreviousData,
  });
}

const POLL_MS = 1500;

/** Asks again while the search runs. */
export function useFairnessSearch(trait: string | undefined) {
  return useQuery({
    queryKey: ['fairness search', trait],
    queryFn: ({ signal }) => call('getFairnessSearch', { query: { trait: trait ?? '' }, signal }),
    enabled: trait !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === 'computing' ? POLL_MS : false),
  });
}
