// Started by bench/http.ts as a process of its own: parses the JSON of the body and answers with the text it is given, on
// `fastify` (the twin of Assay's server: the same framework and body limit) or on `node:http` (what the platform does at least).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { BODY_LIMIT_BYTES } from '../../src/api/index.ts';

const [kind, answer = '{}'] = process.argv.slice(2);
const urlOf = (address: AddressInfo | string | null): string => `http://127.0.0.1:${(address as AddressInfo).port}`;

async function fastify(): Promise<string> {
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES });
  app.post('/', async (_request, reply) => reply.type('application/json; charset=utf-8').send(answer));
  await app.listen({ host: '127.0.0.1', port: 0 });
  return urlOf(app.server.address());
}

function nodeHttp(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(urlOf(server.address()))));
}

process.send?.(await (kind === 'fastify' ? fastify() : nodeHttp()));
process.once('disconnect', () => process.exit(0));
