/** HTML that is safe as it stands: only `html` makes it, and it escapes everything put into it that is not. */
export type Html = { readonly html: string };
type Part = Html | string | number | null | undefined | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** @example html`<td>${name}</td>` */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let out = texts[0]!;
  parts.forEach((part, i) => {
    out += render(part) + texts[i + 1]!;
  });
  return { html: out };
}

function render(part: Part): string {
  if (part === null || part === undefined) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(render).join('');
}
