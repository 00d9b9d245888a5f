import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';
import { wholeNumber } from '../portfolio-options.ts';

export type NoticesOptions = { readonly portfolio: string; readonly as: string; readonly json?: boolean };
export type ListNoticesOptions = NoticesOptions & { readonly state?: string; readonly limit: number };
export type IssueNoticeOptions = NoticesOptions & { readonly about: string; readonly channel: string };
export type NoticeDocumentOptions = NoticesOptions & { readonly about: string };

const MAX_DUTIES = 200;
const NOTES = `
Examples:
  assay notices list --state overdue --as compliance
  assay notices issue DECISION_ID --channel post --as compliance
  assay notices document DECISION_ID --as compliance > notice.html`;

/** `assay notices list|issue|document` */
export const registerNotices: RegisterCommand = (program, context) => {
  const notices = program
    .command('notices')
    .description('what applicants must be told, and by when')
    .addHelpText('after', NOTES);
  const at = (usage: string, description: string) =>
    notices
      .command(usage)
      .description(description)
      .requiredOption('--as <user>', 'who does it; must have the role')
      .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO);
  at('list', 'what is due first comes first')
    .option('--state <state>', 'due, overdue, waits (for a person) or issued; unset: all that is not issued')
    .option('--limit <n>', 'how many to show', wholeNumber(MAX_DUTIES), MAX_DUTIES)
    .option('--json', 'print JSON')
    .action(async (options: ListNoticesOptions) => {
      const { listNotices } = await import('../notices.ts');
      await listNotices(context, options);
    });
  at('issue <decision>', 'keep the exact document and enter it in the audit log')
    .requiredOption('--channel <channel>', 'post, email, portal or in_person')
    .option('--about <subject>', 'the decision itself, or the review of a person', 'decision')
    .option('--json', 'print JSON')
    .action(async (decisionId: string, options: IssueNoticeOptions) => {
      const { issueNotice } = await import('../notices.ts');
      await issueNotice(context, decisionId, options);
    });
  at('document <decision>', 'the very HTML that was issued')
    .option('--about <subject>', 'the decision itself, or the review of a person', 'decision')
    .action(async (decisionId: string, options: NoticeDocumentOptions) => {
      const { printNotice } = await import('../notices.ts');
      await printNotice(context, decisionId, options);
    });
};
