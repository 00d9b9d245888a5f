import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type PolicyStep = 'shadowPolicy' | 'approvePolicy' | 'rejectPolicy' | 'proposePolicyAgain';

/** The next step in the life of a version, with the reason. */
export function usePolicyStep(version: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ step, note }: { readonly step: PolicyStep; readonly note: string }) =>
      call(step, { params: { version }, body: { note } }),
    onSuccess: () => client.invalidateQueries(),
  });
}
