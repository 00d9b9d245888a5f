import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReviewDto, ReviewOutcomeDto } from '../contract.ts';
import { call } from '../http/call.ts';

export type ReviewStep =
  | { readonly kind: 'claim' | 'release' }
  | {
      readonly kind: 'decide';
      readonly outcome: ReviewOutcomeDto;
      readonly code: string;
      readonly note: string;
      readonly offerMinor?: number | undefined;
    }
  | { readonly kind: 'second'; readonly agrees: boolean; readonly note: string };

function take(caseId: string, step: ReviewStep): Promise<ReviewDto> {
  const params = { caseId };
  switch (step.kind) {
    case 'claim':
      return call('claimReview', { params, body: {} });
    case 'release':
      return call('releaseReview', { params, body: {} });
    case 'decide': {
      const { kind: _, ...body } = step;
      return call('decideReview', { params, body });
    }
    case 'second': {
      const { kind: _, ...body } = step;
      return call('secondReview', { params, body });
    }
  }
}

export function useReviewStep(caseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: ReviewStep) => take(caseId, step),
    // also after a refusal: another may have been quicker
    onSettled: async () => {
      for (const queryKey of [['review', caseId], ['reviews'], ['decision']]) {
        await client.invalidateQueries({ queryKey });
      }
    },
  });
}
