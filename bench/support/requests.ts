/** Load on one address, by autocannon. */
import autocannon from 'autocannon';

export type Target = {
  readonly url: string;
  /** Sent in turn. */
  readonly bodies: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
};

/** @throws Error when an answer was not a success: a rate of errors is no rate */
export async function requestsASecond(
  { url, bodies, headers }: Target,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<number> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    requests: bodies.map((body) => ({ body })),
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers without success, ${result.errors} errors`);
  }
  return result.requests.total / result.duration;
}
