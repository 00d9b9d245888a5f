import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type ModelChange = { readonly kind: 'approve' | 'promote' | 'reject'; readonly note: string };

const OPERATIONS = { approve: 'approveModel', promote: 'promoteModel', reject: 'rejectModel' } as const;

export function useModelChange(modelVersion: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ kind, note }: ModelChange) => call(OPERATIONS[kind], { params: { modelVersion }, body: { note } }),
    // A new champion changes what every page says.
    onSuccess: () => client.invalidateQueries(),
  });
}
