import {
  type DutySubject,
  type Notice,
  type NoticeDuty,
  noticeHtml,
  noticePdf,
  URGENT_DAYS,
  urgencyOf,
} from '../../decisions/index.ts';
import { AssayError, rulesInForce } from '../../domain/index.ts';
import type { NoticeDto, NoticeDutyDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';
import { documentPolicy } from '../web-app.ts';

type NoticeHandlers = Pick<Handlers, 'getNotice' | 'listRules' | 'listNotices' | 'issueNotice' | 'getIssuedNotice'>;

export function noticeHandlers({ notices, clock }: ApiDependencies): NoticeHandlers {
  const dto = (duty: NoticeDuty): NoticeDutyDto => dutyDto(duty, clock.now().toISOString().slice(0, 10));
  return {
    getNotice: async ({ parameters, query }) => {
      const notice = await notices.current(parameters.decisionId, query.jurisdiction);
      if (query.format === 'json') return noticeDto(notice);
      if (query.format === 'html') return document('text/html; charset=utf-8', noticeHtml(notice));
      return document('application/pdf', await noticePdf(notice), `notice-${notice.decisionId}.pdf`);
    },
    listRules: async ({ query: { jurisdiction, on } }) => ({
      jurisdiction,
      on,
      rules: rulesInForce(jurisdiction, on).map((rule) => ({ ...rule, gives: [...rule.gives] })),
    }),
    listNotices: async ({ query: { page, pageSize, state } }) => {
      await notices.open();
      const { rows, total } = await notices.list({ state, limit: pageSize, offset: (page - 1) * pageSize });
      return { rows: rows.map(dto), total, counts: await notices.counts(), urgentDays: URGENT_DAYS };
    },
    issueNotice: async ({ parameters, body, user }) => {
      const issuing = { channel: body.channel, actor: user.username };
      return dto(await notices.issue(parameters.decisionId, subjectOf(parameters.about), issuing));
    },
    getIssuedNotice: async ({ parameters }) => {
      const html = await notices.document(parameters.decisionId, subjectOf(parameters.about));
      return document('text/html; charset=utf-8', html);
    },
  };
}

function subjectOf(about: string): DutySubject {
  if (about === 'decision' || about === 'review') return about;
  throw new AssayError('not_found', { what: 'a notice is about a decision or about a review', given: about });
}

function dutyDto(duty: NoticeDuty, today: string): NoticeDutyDto {
  return {
    ...duty,
    openedAt: duty.openedAt.toISOString(),
    issuedAt: duty.issuedAt?.toISOString() ?? null,
    urgency: duty.state === 'issued' ? 'in_time' : urgencyOf(duty.dueOn, today),
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
