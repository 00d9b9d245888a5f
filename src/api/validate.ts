import type { z } from 'zod';
import { AssayError, type FieldIssue, unstorableTexts } from '../domain/index.ts';

const MAX_ISSUES = 20;

/** @throws AssayError bad_input with one issue a field */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap((issue) => fieldIssues(issue, [])).slice(0, MAX_ISSUES);
  throw notValid(what, issues, 'see /api/docs for what this operation takes');
}

/** What is kept is kept exactly. @throws AssayError bad_input naming each text that no store can hold */
export function storable<T>(value: T, what: string): T {
  const issues = unstorableTexts(value).slice(0, MAX_ISSUES);
  if (issues.length === 0) return value;
  throw notValid(what, issues, 'leave these characters out');
}

function notValid(what: string, issues: FieldIssue[], fix: string): AssayError {
  return new AssayError('bad_input', {
    what: `the ${what} is not valid`,
    given: issues.map((issue) => `${issue.path || '(whole)'}: ${issue.message}`).join('; '),
    fix,
    issues,
  });
}

type Issue = z.core.$ZodIssue;

function fieldIssues(issue: Issue, above: readonly PropertyKey[]): FieldIssue[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'is not known' }));
  }
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => fieldIssues(inner, path));
  }
  return [{ path: pathText(path), message: issue.message }];
}

/** Of a union's branches, the one the value was meant for: the first that does not fail at its root. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0));
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
