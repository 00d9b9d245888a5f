import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CSP_NONCE_PLACEHOLDER } from './contract.ts';
import { docsPage } from './docs-page.ts';
import { HttpError } from './errors.ts';
import { openApiDocument } from './openapi.ts';

/** What a page may load: files of this server, and styles it marked itself. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A model document is one self-contained file: its own styles and drawings, no scripts, nothing from elsewhere. */
export function documentPolicy(): string {
  return "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";
}

/** The web app (where it is built), its pages by their address, and the API's own documentation. */
export async function registerWebApp(app: FastifyInstance, directory: string | undefined): Promise<void> {
  app.get('/api/openapi.json', async () => openApiDocument());
  app.get('/api/docs', async (_request, reply) => sendPage(reply, docsPage));
  const built = directory !== undefined && existsSync(join(directory, 'index.html')) ? directory : undefined;
  if (built !== undefined) {
    const index = await readFile(join(built, 'index.html'), 'utf8');
    const page = (nonce: string): string => index.replaceAll(CSP_NONCE_PLACEHOLDER, nonce);
    app.get('/', async (_request, reply) => sendPage(reply, page));
    app.get('/index.html', async (_request, reply) => sendPage(reply, page));
    await app.register(fastifyStatic, { root: built, index: false, maxAge: '1h' });
    app.setNotFoundHandler(async (request, reply) => (isPage(request) ? sendPage(reply, page) : notFound(request)));
  } else {
    app.get('/', async (_request, reply) => sendPage(reply, notBuiltPage));
    app.setNotFoundHandler(async (request) => notFound(request));
  }
}

/** A page of the app is an address for people: no file, not under /api. */
function isPage(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0] ?? '';
  const isForPeople = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  return isForPeople && !path.startsWith('/api') && !/\.[a-z0-9]+$/i.test(path);
}

function notFound(request: FastifyRequest): never {
  throw new HttpError(404, `there is no ${request.method} ${(request.url.split('?')[0] ?? '').slice(0, 200)} here`);
}

function sendPage(reply: FastifyReply, page: (nonce: string) => string): FastifyReply {
  const nonce = randomBytes(16).toString('base64url');
  return reply
    .header('content-security-policy', pagePolicy(nonce))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page(nonce));
}

function notBuiltPage(): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Assay</title></head><body><h1>Assay</h1>
<p>The web app is not built. <code>npm start</code> builds it. The API is here: <a href="/api/docs">/api/docs</a>.</p></body></html>`;
}
