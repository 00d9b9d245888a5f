import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type PolicyProposal = {
  readonly policy: Record<string, unknown>;
  readonly cases?: Record<string, unknown>[];
};

/** Tries a policy without keeping it. */
export function useCheckPolicy() {
  return useMutation({ mutationFn: (body: PolicyProposal) => call('checkPolicy', { body }) });
}

export function useProposePolicy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: PolicyProposal & { readonly note: string }) => call('proposePolicy', { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
}
