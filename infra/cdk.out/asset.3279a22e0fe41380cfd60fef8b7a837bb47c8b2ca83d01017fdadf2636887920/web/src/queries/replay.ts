import { useMutation } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** A recomputation is asked for, never run by opening a page. */
export function useReplay(decisionId: string) {
  return useMutation({ mutationFn: () => call('replayDecision', { params: { decisionId } }) });
}
