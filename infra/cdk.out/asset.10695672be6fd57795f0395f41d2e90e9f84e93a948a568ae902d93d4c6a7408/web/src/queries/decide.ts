import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LoanApplicationDto } from '../contract.ts';
import { call } from '../http/call.ts';

export type DecideRequest = { readonly application: LoanApplicationDto; readonly idempotencyKey: string };

export function useDecide() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ application, idempotencyKey }: DecideRequest) =>
      call('createApplication', { body: application, headers: { 'idempotency-key': idempotencyKey } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['decisions'] }),
  });
}
