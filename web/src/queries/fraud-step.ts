import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FraudCaseDto, FraudVerdictDto } from '../contract.ts';
import { call } from '../http/call.ts';

export type FraudStep =
  | { readonly kind: 'claim' | 'release' }
  | { readonly kind: 'decide'; readonly verdict: FraudVerdictDto; readonly note: string };

function take(applicationId: string, step: FraudStep): Promise<FraudCaseDto> {
  const params = { applicationId };
  switch (step.kind) {
    case 'claim':
      return call('claimFraudCase', { params, body: {} });
    case 'release':
      return call('releaseFraudCase', { params, body: {} });
    case 'decide':
      return call('decideFraudCase', { params, body: { verdict: step.verdict, note: step.note } });
  }
}

export function useFraudStep(applicationId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: FraudStep) => take(applicationId, step),
    // also after a refusal: another may have been quicker
    onSettled: async () => {
      for (const queryKey of [['fraud queue'], ['fraud results']]) await client.invalidateQueries({ queryKey });
    },
  });
}
