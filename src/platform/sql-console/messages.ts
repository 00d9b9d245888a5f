import type { AssayErrorCode, ErrorParts } from '../../domain/index.ts';

/** One view of the lake as the console shows it: files, and an SQL expression for each column. */
export type ConsoleView = {
  /** `processed`, `modeled` or `marts`. */
  readonly schema: string;
  readonly name: string;
  readonly files: readonly string[];
  readonly columns: readonly { readonly name: string; readonly expression: string }[];
};

export type ConsoleCell = string | number | boolean | null;

export type ConsoleResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly ConsoleCell[])[];
  /** Why there may be more than these rows; null when these are all. */
  readonly cut: 'rows' | 'bytes' | null;
};

/** What the process of a query is told, once. */
export type ConsoleOrder = {
  readonly sql: string;
  readonly views: readonly ConsoleView[];
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly memoryLimit: string;
};

export type ConsoleAnswer =
  | { readonly kind: 'result'; readonly result: ConsoleResult }
  | { readonly kind: 'failed'; readonly code: AssayErrorCode; readonly parts: ErrorParts };
