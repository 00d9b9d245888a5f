import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  ConstantBackoff,
  circuitBreaker,
  handleAll,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { AssayError, parseStrictJson } from '../../domain/index.ts';

/** Why nothing usable came. */
export type SourceFailure =
  | 'timeout'
  | 'unreachable'
  /** Another status than 200 or 404, or a redirect. */
  | 'refused'
  | 'too_large'
  /** Not JSON, or not what was asked for. */
  | 'invalid'
  /** It failed again and again and is left alone for a while. */
  | 'circuit_open';

export type SourceAnswer<T> =
  | { readonly kind: 'received'; readonly value: T; readonly attempts: number }
  /** It knows nothing of what was asked. */
  | { readonly kind: 'absent'; readonly attempts: number }
  | { readonly kind: 'failed'; readonly failure: SourceFailure; readonly detail: string; readonly attempts: number };

export type HttpSource = {
  /** Asks once, and once more if that may help. Never throws, never takes longer than the deadline. `read` may throw SourceFault. */
  readonly ask: <T>(question: object, read: (body: unknown) => T) => Promise<SourceAnswer<T>>;
};

export type HttpSourceOptions = {
  readonly name: string;
  readonly url: string;
  /** `host` or `host:port` that may be asked; the URL's must be among them. */
  readonly allowedHosts: readonly string[];
  readonly token?: string | undefined;
  /** For everything: both attempts, headers and body. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** Failures in a row after which it is left alone, and for how long. */
  readonly breakAfter?: number;
  readonly breakMs?: number;
};

/** What went wrong with one attempt. */
export class SourceFault extends Error {
  readonly failure: SourceFailure;

  constructor(failure: SourceFailure, detail: string) {
    super(detail);
    this.name = 'SourceFault';
    this.failure = failure;
  }
}

const RETRY_PAUSE_MS = 50;
const [BREAK_AFTER, BREAK_MS] = [5, 10_000];

/**
 * A source of data at another party, asked by POST with JSON: one host that is on the list, no redirects, a deadline for the
 * whole, one retry within it, a limit on the answer's size, and a circuit breaker.
 * @throws AssayError bad_input when the URL is not usable or its host is not on the list
 */
export function openHttpSource(options: HttpSourceOptions): HttpSource {
  const url = allowedUrl(options);
  const mayHelp = handleWhen((error) => error instanceof SourceFault && RETRIED.has(error.failure));
  const policy = wrap(
    circuitBreaker(handleAll, {
      halfOpenAfter: options.breakMs ?? BREAK_MS,
      breaker: new ConsecutiveBreaker(options.breakAfter ?? BREAK_AFTER),
    }),
    retry(mayHelp, { maxAttempts: 1, backoff: new ConstantBackoff(RETRY_PAUSE_MS) }),
  );
  return {
    ask: async (question, read) => {
      let attempts = 0;
      const deadline = AbortSignal.timeout(options.deadlineMs);
      try {
        return await policy.execute(async () => {
          attempts++;
          // the first attempt leaves time for the second
          const signal = AbortSignal.any([deadline, AbortSignal.timeout(Math.ceil(options.deadlineMs / 2))]);
          const body = await request(url, question, options, signal);
          return body === undefined ? { kind: 'absent', attempts } : { kind: 'received', value: read(body), attempts };
        });
      } catch (error) {
        return { kind: 'failed', ...faultOf(error), attempts };
      }
    },
  };
}

const RETRIED: ReadonlySet<SourceFailure> = new Set(['timeout', 'unreachable', 'refused']);

function allowedUrl({ name, url, allowedHosts }: HttpSourceOptions): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isWeb = parsed?.protocol === 'https:' || parsed?.protocol === 'http:';
  if (parsed && isWeb && parsed.username === '' && allowedHosts.includes(parsed.host)) return parsed;
  throw new AssayError('bad_input', {
    what: `the address of the external source "${name}" is not usable`,
    given: parsed?.host ?? 'not a URL',
    allowed: `an http(s) URL without credentials, of one of: ${allowedHosts.join(', ') || '(none)'}`,
    fix: 'correct the URL, or add its host to the list of allowed hosts',
  });
}

/** The parsed body of a 200; undefined for a 404. */
async function request(
  url: URL,
  question: object,
  { token, maxBytes }: HttpSourceOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    // a redirect could lead to a host that is not on the list; compression could hide the size
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(question),
    signal,
  }).catch((error: unknown) => {
    throw transportFault(error, signal);
  });
  try {
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw new SourceFault('refused', `status ${response.status}`);
    return parse(await readLimited(response, maxBytes, signal));
  } finally {
    // what is not read is dropped, with its connection
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
  }
}

async function readLimited(response: Response, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw new SourceFault('too_large', `more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof SourceFault ? error : transportFault(error, signal);
  }
  return Buffer.concat(chunks);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    throw new SourceFault(
      'invalid',
      error instanceof AssayError ? (error.parts.given ?? error.parts.what) : 'not JSON',
    );
  }
}

function transportFault(error: unknown, signal: AbortSignal): SourceFault {
  if (signal.aborted) return new SourceFault('timeout', 'no complete answer in time');
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const detail = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause);
  return /redirect/i.test(detail) ? new SourceFault('refused', 'it redirects') : new SourceFault('unreachable', detail);
}

function faultOf(error: unknown): { readonly failure: SourceFailure; readonly detail: string } {
  if (error instanceof BrokenCircuitError) {
    return { failure: 'circuit_open', detail: 'it failed again and again and is left alone for a while' };
  }
  if (error instanceof SourceFault) return { failure: error.failure, detail: error.message };
  throw error;
}
