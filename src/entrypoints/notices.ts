import { dutyFilterSchema, noticeAboutSchema, noticeChannelSchema, parseWith, userWhoMay } from '../api/index.ts';
import { type NoticeDuty, NoticeStore, urgencyOf } from '../decisions/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type {
  IssueNoticeOptions,
  ListNoticesOptions,
  NoticeDocumentOptions,
  NoticesOptions,
} from './commands/notices.ts';
import type { CommandContext } from './context.ts';

type Operation = 'listNotices' | 'issueNotice' | 'getIssuedNotice';

/** The notices of a book for one operation, by a user whose role it is. @throws AssayError forbidden, not_found */
function withNotices(
  context: CommandContext,
  { portfolio: name, as }: NoticesOptions,
  operation: Operation,
  work: (notices: NoticeStore, actor: string) => Promise<void>,
): Promise<void> {
  return withBookDecisions(context, name, async (decisions, { database, portfolio }) => {
    const { username } = await userWhoMay(database, as, operation);
    const { clock, vault, models, store } = decisions;
    await work(new NoticeStore({ database, clock, vault, explain: { portfolio, models, store } }), username);
  });
}

export function listNotices(context: CommandContext, options: ListNoticesOptions): Promise<void> {
  const state = parseWith(dutyFilterSchema.optional(), options.state, 'state');
  return withNotices(context, options, 'listNotices', async (notices) => {
    await notices.open();
    const { rows, total } = await notices.list({ state, limit: options.limit, offset: 0 });
    const counts = await notices.counts();
    if (options.json) return context.print(JSON.stringify({ rows, total, counts }, null, 2));
    const today = context.clock.now().toISOString().slice(0, 10);
    const { overdue, urgent, due, waits } = counts;
    const sum = `${rows.length} of ${total}; due ${due}, overdue ${overdue}, urgent ${urgent}, waiting for a person ${waits}`;
    context.print([...rows.map((row) => lineOf(row, today)), sum].join('\n'));
  });
}

export function issueNotice(context: CommandContext, decisionId: string, options: IssueNoticeOptions): Promise<void> {
  const about = parseWith(noticeAboutSchema, options.about, 'about');
  const channel = parseWith(noticeChannelSchema, options.channel, 'channel');
  return withNotices(context, options, 'issueNotice', async (notices, actor) => {
    const duty = await notices.issue(decisionId, about, { channel, actor });
    const text = `${duty.kind} of ${decisionId} issued by ${duty.channel}, sha256 ${duty.documentHash}`;
    context.print(options.json ? JSON.stringify(duty, null, 2) : text);
  });
}

export function printNotice(
  context: CommandContext,
  decisionId: string,
  options: NoticeDocumentOptions,
): Promise<void> {
  const about = parseWith(noticeAboutSchema, options.about, 'about');
  return withNotices(context, options, 'getIssuedNotice', async (notices) => {
    context.print(await notices.document(decisionId, about));
  });
}

function lineOf({ decisionId, about, kind, state, dueOn, applicationId }: NoticeDuty, today: string): string {
  const when = state === 'issued' ? 'issued' : `${dueOn ?? 'no day set'} ${urgencyOf(dueOn, today)}`;
  return `${decisionId}  ${when.padEnd(20)} ${kind.padEnd(18)} ${state.padEnd(6)} about ${about}, application ${applicationId}`;
}
