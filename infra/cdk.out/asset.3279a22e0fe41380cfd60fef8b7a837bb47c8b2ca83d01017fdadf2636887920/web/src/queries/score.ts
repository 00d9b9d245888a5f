import { useMutation } from '@tanstack/react-query';
import type { LoanApplicationDto, ScoreResult } from '../contract.ts';
import { call } from '../http/call.ts';

export function useScore() {
  return useMutation({
    mutationFn: async (application: LoanApplicationDto): Promise<ScoreResult> => {
      const answer = await call('createScores', { body: [application] });
      const result = Array.isArray(answer) ? answer[0] : answer;
      if (result === undefined) throw new Error('The server scored nothing');
      return result;
    },
  });
}
