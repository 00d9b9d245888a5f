/**
 * The error every part of Assay throws for something a user can mend.
 * The text has four parts: what, the value given, the values allowed, the likely fix.
 */
export type AssayErrorCode =
  | 'bad_input' // a file, a body or an option is not usable
  | 'not_found'
  | 'conflict' // already running, already decided, version clash
  | 'forbidden'
  | 'unavailable' // an engine or a service is not there; retry or run the set-up
  | 'overloaded' // too much at once; retry after a pause
  | 'tampered' // a signature or a hash does not match
  | 'cancelled'
  | 'internal';

export type FieldIssue = { readonly path: string; readonly message: string };

export type ErrorParts = {
  readonly what: string;
  readonly given?: string;
  readonly allowed?: string;
  readonly fix?: string;
  readonly issues?: readonly FieldIssue[];
};

export class AssayError extends Error {
  readonly code: AssayErrorCode;
  readonly parts: ErrorParts;

  constructor(code: AssayErrorCode, parts: ErrorParts, options?: ErrorOptions) {
    super(errorText(parts), options);
    this.name = 'AssayError';
    this.code = code;
    this.parts = parts;
  }
}

function errorText(parts: ErrorParts): string {
  return [
    parts.what,
    parts.given === undefined ? undefined : `given: ${parts.given}`,
    parts.allowed === undefined ? undefined : `allowed: ${parts.allowed}`,
    parts.fix === undefined ? undefined : `fix: ${parts.fix}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}
