import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { NoticeChannelDto, NoticeDutyDto } from '../contract.ts';
import { call } from '../http/call.ts';

export type IssueNotice = Pick<NoticeDutyDto, 'decisionId' | 'about'> & { readonly channel: NoticeChannelDto };

export function useIssueNotice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ decisionId, about, channel }: IssueNotice) =>
      call('issueNotice', { params: { decisionId, about }, body: { channel } }),
    // also after a refusal: another may have issued it
    onSettled: () => client.invalidateQueries({ queryKey: ['notices'] }),
  });
}
