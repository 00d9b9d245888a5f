import type { FieldIssue } from './errors.ts';

/**
 * Text that every store keeps exactly: PostgreSQL has no zero character, and half of a surrogate pair has no UTF-8, so that two
 * different names would come back as one. Undefined when the text can be kept.
 */
export function whyNotStorable(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a zero character';
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair, which is no character';
}

/** The same text where it can be kept; otherwise with a replacement character for what cannot: for names in messages. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The texts within a value, names of members too, that no store keeps exactly. */
export function unstorableTexts(value: unknown, path = ''): FieldIssue[] {
  if (typeof value === 'string') return issueOf(value, path);
  if (Array.isArray(value)) return value.flatMap((item, index) => unstorableTexts(item, `${path}[${index}]`));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = path === '' ? name : `${path}.${name}`;
    return [...issueOf(name, inner), ...unstorableTexts(member, inner)];
  });
}

function issueOf(text: string, path: string): FieldIssue[] {
  const message = whyNotStorable(text);
  // the name of a member may itself be what is wrong
  return message === undefined ? [] : [{ path: storableText(path), message }];
}
