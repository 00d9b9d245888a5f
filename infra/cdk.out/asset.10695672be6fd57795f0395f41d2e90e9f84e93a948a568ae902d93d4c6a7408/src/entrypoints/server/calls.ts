import { AssayError, type AssayErrorCode, type ErrorParts } from '../../domain/index.ts';

/** One end of a channel between two processes: `process` in a worker, a `Worker` in the primary. */
export type CallChannel = {
  send(message: object): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
};

type Values = readonly unknown[];
export type CallHandlers = Readonly<Record<string, (...values: never[]) => unknown>>;
/** Asks the other side and resolves with its answer. @throws the AssayError of the other side, or unavailable */
export type Ask = (name: string, ...values: Values) => Promise<unknown>;

type Failure = { readonly code: AssayErrorCode; readonly parts: ErrorParts };
type Message =
  | { readonly assay: 'call'; readonly id: number; readonly name: string; readonly values: Values }
  | { readonly assay: 'answer'; readonly id: number; readonly value?: unknown; readonly failure?: Failure };
type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

const MAX_WAITING = 1000;

/** Calls over a channel, in both directions: what one side asks, a handler of the other answers. */
export function openCalls(channel: CallChannel, handlers: CallHandlers): Ask {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  channel.on('message', (message) => {
    if (!isMessage(message)) return;
    if (message.assay === 'call') return void answer(channel, handlers, message);
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.failure) asked?.reject(new AssayError(message.failure.code, message.failure.parts));
    else asked?.resolve(message.value);
  });
  channel.once('disconnect', () => {
    for (const asked of waiting.values()) asked.reject(gone());
    waiting.clear();
  });
  return (name, ...values) =>
    new Promise((resolve, reject) => {
      if (waiting.size >= MAX_WAITING) return reject(gone());
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      send(channel, { assay: 'call', id, name, values });
    });
}

async function answer(
  channel: CallChannel,
  handlers: CallHandlers,
  { id, name, values }: Extract<Message, { assay: 'call' }>,
): Promise<void> {
  try {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    if (!handler) throw new AssayError('internal', { what: 'the other process does not know this call', given: name });
    send(channel, { assay: 'answer', id, value: await handler(...(values as never[])) });
  } catch (error) {
    send(channel, { assay: 'answer', id, failure: failureOf(error) });
  }
}

/** What is sent to a process that has just gone is lost, as the process is. */
function send(channel: CallChannel, message: Message): void {
  try {
    channel.send(message);
  } catch {
    // its 'disconnect' says so to whoever waits
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof AssayError) return { code: error.code, parts: error.parts };
  return { code: 'internal', parts: { what: error instanceof Error ? error.message : String(error) } };
}

function gone(): AssayError {
  return new AssayError('unavailable', { what: 'the other process of this server does not answer', fix: 'try again' });
}

function isMessage(message: unknown): message is Message {
  return (
    typeof message === 'object' &&
    message !== null &&
    'assay' in message &&
    (message.assay === 'call' || message.assay === 'answer')
  );
}
