import { html } from '../../domain/index.ts';
import type { Notice, NoticeSection } from './notice.ts';

const STYLE =
  'body{font:15px/1.5 Georgia,serif;color:#16202c;background:#fff;max-width:46em;margin:2em auto;padding:0 1.5em}' +
  'h1{font-size:21px;margin:1.4em 0 .6em}h2{font-size:15px;margin:1.3em 0 .2em}p{margin:.3em 0}ol{margin:.3em 0 .3em 1.4em;padding:0}' +
  '.soft{color:#5b6876;font-size:13px}@media print{body{margin:0;max-width:none}}';

/** A notice as one self-contained HTML document: no script, nothing loaded from elsewhere. */
export function noticeHtml(notice: Notice): string {
  const body = html`<header>${notice.from.map((line) => html`<div>${line}</div>`)}
<p>${notice.day}</p><p class="soft">${notice.reference}</p></header>
<h1>${notice.title}</h1>
${notice.sections.map(sectionHtml)}
<footer><p class="soft">${sourceLine(notice)}</p></footer>`;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${notice.title}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head.html}<style>${STYLE}</style></head><body>${body.html}</body></html>\n`;
}

function sectionHtml({ title, paragraphs, items = [] }: NoticeSection) {
  const list = items.length === 0 ? html`` : html`<ol>${items.map((item) => html`<li>${item}</li>`)}</ol>`;
  return html`<section><h2>${title}</h2>${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}${list}</section>
`;
}

/** What the notice follows, at the foot of it. */
export function sourceLine(notice: Notice): string {
  const used = new Set(notice.sections.flatMap(({ rules }) => rules));
  const citations = notice.rules.filter(({ id }) => used.has(id)).map(({ citation }) => citation);
  const law = citations.length === 0 ? '' : ` ${citations.join('; ')}.`;
  return `${notice.jurisdiction}, ${notice.day}.${law} Model version ${notice.modelVersion}, credit policy ${notice.creditPolicyVersion}.`;
}
