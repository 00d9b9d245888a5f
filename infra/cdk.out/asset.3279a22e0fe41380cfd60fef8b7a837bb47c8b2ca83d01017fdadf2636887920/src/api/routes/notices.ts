import { type Notice, noticeHtml, noticeOfDecision, noticePdf } from '../../decisions/index.ts';
import { rulesInForce } from '../../domain/index.ts';
import type { NoticeDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';
import { documentPolicy } from '../web-app.ts';

type NoticeHandlers = Pick<Handlers, 'getNotice' | 'listRules'>;

export function noticeHandlers({ decisions }: ApiDependencies): NoticeHandlers {
  return {
    getNotice: async ({ parameters, query }) => {
      const notice = await noticeOfDecision(decisions, parameters.decisionId, query.jurisdiction);
      if (query.format === 'json') return noticeDto(notice);
      if (query.format === 'html') return document('text/html; charset=utf-8', noticeHtml(notice));
      return document('application/pdf', await noticePdf(notice), `notice-${notice.decisionId}.pdf`);
    },
    listRules: async ({ query: { jurisdiction, on } }) => ({
      jurisdiction,
      on,
      rules: rulesInForce(jurisdiction, on).map((rule) => ({ ...rule, gives: [...rule.gives] })),
    }),
  };
}

function document(contentType: string, body: string | Uint8Array, name?: string) {
  const headers = {
    'content-type': contentType,
    'content-security-policy': documentPolicy(),
    ...(name && { 'content-disposition': `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"` }),
  };
  return { kind: 'raw' as const, headers, body };
}

function noticeDto(notice: Notice): NoticeDto {
  return {
    ...notice,
    from: [...notice.from],
    sections: notice.sections.map(({ title, paragraphs, items, rules }) => ({
      title,
      paragraphs: [...paragraphs],
      ...(items && { items: [...items] }),
      rules: [...rules],
    })),
    reasons: [...notice.reasons],
    deadlines: [...notice.deadlines],
    rules: [...notice.rules],
  };
}
