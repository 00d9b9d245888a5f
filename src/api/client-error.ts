import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './contract.ts';
import { HttpError } from './errors.ts';

const OF_CODE: Readonly<Record<string, Pick<Problem, 'status' | 'title' | 'detail'>>> = {
  HPE_HEADER_OVERFLOW: { status: 431, title: 'Request Header Fields Too Large', detail: 'the headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, title: 'Request Timeout', detail: 'the request did not arrive in time' },
};
const NOT_HTTP = { status: 400, title: 'Bad Request', detail: 'this is not a request of HTTP/1.1' } as const;

/** What a caller gets whose bytes never became a request: the same form as every other error. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem: Problem = { type: 'about:blank', ...(OF_CODE[error.code ?? ''] ?? NOT_HTTP) };
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${problem.status} ${problem.title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.end(head + body);
}

/** Nothing is unfolded here: a small compressed body may be an endless one. */
export function refuseCompressed(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: HttpError) => void,
): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') {
    done();
    return;
  }
  const error = new HttpError(415, `a body in Content-Encoding ${encoding} is not taken; send it as it is`, {
    'accept-encoding': 'identity',
  });
  done(error);
}
