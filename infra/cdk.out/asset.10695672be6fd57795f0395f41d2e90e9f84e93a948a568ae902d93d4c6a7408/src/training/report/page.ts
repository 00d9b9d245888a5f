import { type Html, html } from '../../domain/index.ts';

export type Section = { readonly id: string; readonly title: string; readonly body: Html };

const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#5b6876;--line:#dfe4ea;--grid:#e9edf1;--accent:#0b5cad;--warn:#8a5a00;--warnbg:#fff6df;
--c0:#0b5cad;--c1:#d55e00;--c2:#00866a;--c3:#b0408b;--c4:#7a6a00;--bad:#c2410c;--good:#3b7ea1}
@media (prefers-color-scheme:dark){:root{--bg:#11161c;--card:#181f27;--ink:#e6ebf0;--soft:#9aa7b4;--line:#2a343f;--grid:#242d37;--accent:#6cb2ff;--warn:#ffcf70;--warnbg:#2d2614;
--c0:#6cb2ff;--c1:#ff9a57;--c2:#4fd1ac;--c3:#e58cc6;--c4:#d9c64a;--bad:#ff9a57;--good:#6fb3d3}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}header{margin-bottom:24px}h1{font-size:26px;line-height:1.25;margin:0 0 6px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 12px}h3{font-size:14px;margin:0 0 6px;color:var(--soft);font-weight:600}p{margin:0 0 10px;max-width:78ch}.soft{color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:20px;margin:0 0 16px;overflow-x:auto}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:16px}.tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px}
.tile b{display:block;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.tile span{color:var(--soft);font-size:13px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td:first-child{min-width:9ch}th{color:var(--soft);font-weight:600;font-size:13px}td.n,th.n{text-align:right;white-space:nowrap}tbody tr:last-child td{border-bottom:0}tr.best td{font-weight:600}
ul.warnings{margin:0;padding:0;list-style:none}ul.warnings li{background:var(--warnbg);color:var(--warn);border-radius:6px;padding:8px 12px;margin-bottom:6px;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:20px}figure{margin:0;max-width:560px}figcaption{color:var(--soft);font-size:13px;margin-top:4px}
svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font:11px system-ui,sans-serif}svg .axis{stroke:var(--line)}svg .grid{stroke:var(--grid)}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13px;margin-top:4px}.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;vertical-align:middle}
nav{font-size:14px;margin-bottom:16px;display:flex;flex-wrap:wrap;gap:4px 16px}a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
code{font:13px ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}footer{color:var(--soft);font-size:13px}
@media print{body{background:#fff}section{break-inside:avoid}nav{display:none}}`;

/** A self-contained document: one file, no script, nothing loaded from elsewhere; light or dark as the reader's system is. */
export function page({
  title,
  subtitle,
  tiles,
  sections,
  footer,
}: {
  readonly title: string;
  readonly subtitle: string;
  readonly tiles: readonly { readonly label: string; readonly value: string }[];
  readonly sections: readonly Section[];
  readonly footer: string;
}): string {
  const body = html`<main><header><h1>${title}</h1><p class="soft">${subtitle}</p></header>
<nav aria-label="Contents">${sections.map(({ id, title: name }) => html`<a href="#${id}">${name}</a>`)}</nav>
<div class="tiles">${tiles.map(({ label, value }) => html`<div class="tile"><b>${value}</b><span>${label}</span></div>`)}</div>
${sections.map(({ id, title: name, body }) => html`<section id="${id}"><h2>${name}</h2>${body}</section>\n`)}
<footer>${footer}</footer></main>`;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head.html}<style>${STYLE}</style></head><body>${body.html}</body></html>\n`;
}

export type Cell = string | number | Html;

/** A table; columns named in `numeric` are set flush right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: { readonly numeric?: readonly number[]; readonly best?: number } = {},
): Html {
  const kind = (i: number) => ((options.numeric ?? []).includes(i) ? html` class="n"` : html``);
  return html`<table><thead><tr>${head.map((name, i) => html`<th${kind(i)}>${name}</th>`)}</tr></thead><tbody>${rows.map(
    (row, r) =>
      html`<tr${r === options.best ? html` class="best"` : html``}>${row.map((cell, i) => html`<td${kind(i)}>${cell}</td>`)}</tr>`,
  )}</tbody></table>`;
}
