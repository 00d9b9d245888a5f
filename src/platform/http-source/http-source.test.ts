import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { type HttpSourceOptions, openHttpSource, SourceFault } from './http-source.ts';

const servers: { server: Server; sockets: Set<Socket> }[] = [];
after(() => {
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A server that does as told with each request, on a real socket. */
async function listen(
  behave: (socket: Socket, request: number) => void,
): Promise<{ host: string; requests: () => number }> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => behave(socket, ++requests));
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

const answer = (body: string, status = '200 OK', headers = ''): string =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n${headers}\r\n${body}`;
/** For what comes at once: a busy machine is no slow source. */
const PATIENT_MS = 10_000;
/** For what never comes. */
const SHORT_MS = 400;
const sourceAt = (host: string, options: Partial<HttpSourceOptions> = {}) =>
  openHttpSource({
    name: 'bureau',
    url: `http://${host}/report`,
    allowedHosts: [host],
    deadlineMs: PATIENT_MS,
    maxBytes: 10_000,
    ...options,
  });
const asIs = (body: unknown): unknown => body;

test('gives what was answered; 404 means that nothing is known', async () => {
  const { host } = await listen((socket, n) =>
    socket.end(n === 1 ? answer('{"rows":[]}') : answer('', '404 Not Found')),
  );
  const source = sourceAt(host);
  assert.deepEqual(await source.ask({}, asIs), { kind: 'received', value: { rows: [] }, attempts: 1 });
  assert.deepEqual(await source.ask({}, asIs), { kind: 'absent', attempts: 1 });
});

test('a failure that may pass is tried once more, and only once', async () => {
  const flaky = await listen((socket, n) => socket.end(n === 1 ? answer('', '503 Busy') : answer('{"ok":true}')));
  assert.deepEqual(await sourceAt(flaky.host).ask({}, asIs), { kind: 'received', value: { ok: true }, attempts: 2 });
  const broken = await listen((socket) => socket.destroy());
  const answered = await sourceAt(broken.host).ask({}, asIs);
  assert.deepEqual(
    [answered.kind === 'failed' && answered.failure, answered.attempts, broken.requests()],
    ['unreachable', 2, 2],
  );
});

test('a first attempt that hangs leaves time within the deadline for the second', async () => {
  const { host } = await listen((socket, n) => void (n > 1 && socket.end(answer('{"ok":true}'))));
  const answered = await sourceAt(host, { deadlineMs: 2_000 }).ask({}, asIs);
  assert.deepEqual(answered, { kind: 'received', value: { ok: true }, attempts: 2 });
});

/** Servers that never come to an end, each in its own way. */
const ENDLESS: Readonly<Record<string, (socket: Socket) => void>> = {
  'accepts and says nothing': () => {},
  'sends the head and no body': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'),
  'drips a byte at a time': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    const drip = setInterval(() => socket.write('1\r\n \r\n'), 20);
    socket.once('close', () => clearInterval(drip));
  },
  'never ends its head': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const drip = setInterval(() => socket.write('x-more: 1\r\n'), 20);
    socket.once('close', () => clearInterval(drip));
  },
};
for (const [name, behave] of Object.entries(ENDLESS)) {
  test(`answers within the deadline when the source ${name}`, async () => {
    const { host } = await listen(behave);
    const began = performance.now();
    const answered = await sourceAt(host, { deadlineMs: SHORT_MS }).ask({}, asIs);
    assert.equal(answered.kind === 'failed' && answered.failure, 'timeout');
    assert.ok(performance.now() - began < 3000, `far beyond the deadline of ${SHORT_MS} ms`);
  });
}

/** Servers that answer at once with what must not be believed. */
const LYING: Readonly<Record<string, readonly [string, string]>> = {
  'not JSON': [answer('<html>'), 'invalid'],
  'a key twice': [answer('{"score":1,"score":900}'), 'invalid'],
  'a number that is not finite': [answer('{"score":1e999}'), 'invalid'],
  'another status': [answer('{}', '201 Created'), 'refused'],
  'a redirect to another host': [answer('', '302 Found', 'location: http://127.0.0.1:1/\r\n'), 'refused'],
  'more than it may': [answer(`"${'x'.repeat(20_000)}"`), 'too_large'],
  'less than it promised': ['HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{}', 'unreachable'],
};
for (const [name, [text, failure]] of Object.entries(LYING)) {
  test(`does not believe ${name}`, async () => {
    const { host } = await listen((socket) => socket.end(text));
    const answered = await sourceAt(host).ask({}, asIs);
    assert.equal(answered.kind === 'failed' && answered.failure, failure);
  });
}

test('what the reader refuses is a failure; a bug in it is not swallowed', async () => {
  const { host } = await listen((socket) => socket.end(answer('{}')));
  const refuse = (): never => {
    throw new SourceFault('invalid', 'rows: missing');
  };
  assert.deepEqual(await sourceAt(host).ask({}, refuse), {
    kind: 'failed',
    failure: 'invalid',
    detail: 'rows: missing',
    attempts: 1,
  });
  await assert.rejects(
    sourceAt(host).ask({}, () => {
      throw new TypeError('bug');
    }),
    TypeError,
  );
});

test('a source that fails again and again is left alone for a while, then tried once', async () => {
  let isUp = false;
  const { host, requests } = await listen((socket) => socket.end(isUp ? answer('{}') : answer('', '500 No')));
  const source = sourceAt(host, { breakAfter: 2, breakMs: 200 });
  const failureOf = async (): Promise<string> => {
    const answered = await source.ask({}, asIs);
    return answered.kind === 'failed' ? answered.failure : answered.kind;
  };
  assert.deepEqual([await failureOf(), await failureOf()], ['refused', 'refused']);
  const asked = requests();
  assert.deepEqual([await failureOf(), await failureOf(), requests()], ['circuit_open', 'circuit_open', asked]);
  isUp = true;
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.deepEqual([await failureOf(), await failureOf()], ['received', 'received']);
});

test('only hosts on the list are asked', () => {
  const urls = [
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'http://127.0.0.1@evil.test/',
    'bureau',
    'http://127.0.0.1:81/',
  ];
  for (const url of urls) {
    assert.throws(
      () => sourceAt('127.0.0.1:80', { url, allowedHosts: ['127.0.0.1'] }),
      (error) => error instanceof AssayError && error.code === 'bad_input',
      url,
    );
  }
});
