import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type ModelChange = { readonly kind: 'approve' | 'promote'; readonly note: string };

export function useModelChange(modelVersion: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ kind, note }: ModelChange) =>
      call(kind === 'approve' ? 'approveModel' : 'promoteModel', { params: { modelVersion }, body: { note } }),
    // A new champion changes what every page says.
    onSuccess: () => client.invalidateQueries(),
  });
}
