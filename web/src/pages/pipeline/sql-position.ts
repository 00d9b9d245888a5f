import type { Problem } from '../../contract.ts';

/** Where a query went wrong: line and column from 1, the line itself, and its place in the text. */
export type SqlPosition = {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly offset: number;
};

/** Of a problem whose path is `sql:LINE:COLUMN`; undefined when it is about the whole query. */
export function positionOf(sql: string, problem: Problem): SqlPosition | undefined {
  const [, lineText, columnText] = /^sql:(\d+):(\d+)$/.exec(problem.errors?.[0]?.path ?? '') ?? [];
  if (lineText === undefined || columnText === undefined) return undefined;
  const lines = sql.split('\n');
  const line = Number(lineText);
  const column = Number(columnText);
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return { line, column, text: lines[line - 1] ?? '', offset: before + column - 1 };
}
