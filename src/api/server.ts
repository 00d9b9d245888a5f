import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { parseStrictJson } from '../domain/index.ts';
import { Admission } from './admission.ts';
import { answerClientError, refuseCompressed } from './client-error.ts';
import { SESSION_COOKIE } from './contract.ts';
import { HttpError, isOurs, problemOf } from './errors.ts';
import type { ApiDependencies } from './ports.ts';
import { authorize, registerOperations } from './register-operations.ts';
import { RequestGate } from './request-gate.ts';
import { handlersOf } from './routes/index.ts';
import { registerInvocations } from './routes/invocations.ts';
import { safeHeaders } from './safe-headers.ts';
import { Sessions } from './session/sessions.ts';
import { registerWebApp } from './web-app.ts';

export const BODY_LIMIT_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const DEFAULT_RATE_LIMIT_PER_MINUTE = 60_000;

/** The HTTP server of one portfolio, ready to listen or to be injected into. */
export async function buildApi(dependencies: ApiDependencies): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => dependencies.newId(),
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => sendProblem(dependencies, error, request, reply),
  });
  app.setErrorHandler((error, request, reply) => sendProblem(dependencies, error, request, reply));
  app.addHook('onRequest', refuseCompressed);
  acceptOnlyStrictJson(app);
  await registerGuards(app, dependencies);
  const { metrics } = dependencies;
  metrics.register(app, dependencies.allMetrics);
  metrics.followStream(dependencies.events);
  metrics.followNotices(dependencies.notices);
  registerHealth(app, dependencies);
  const sessions = new Sessions(dependencies.database, dependencies.clock);
  const gate = new RequestGate();
  const { store } = dependencies.decisions;
  metrics.followDecisions({ inFlight: () => gate.deciding, waiting: () => store.waiting });
  const admission = new Admission(dependencies.clock);
  registerOperations(app, handlersOf(dependencies, sessions, metrics), { sessions, gate, admission });
  await registerInvocations(app, dependencies, (request) => authorize(request, 'createScores', sessions));
  await registerWebApp(app, dependencies.webDirectory);
  return app;
}

function sendProblem(
  dependencies: ApiDependencies,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { problem, headers } = problemOf(error, request.id);
  if (isOurs(problem.status)) {
    dependencies.log.error(
      { requestId: request.id, method: request.method, route: request.routeOptions.url, error },
      'request failed',
    );
  }
  reply
    .code(problem.status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

function acceptOnlyStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseStrictJson(typeof body === 'string' ? Buffer.from(body) : body));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

async function registerGuards(app: FastifyInstance, dependencies: ApiDependencies): Promise<void> {
  await app.register(cookie);
  const headers = await safeHeaders();
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  await app.register(rateLimit, {
    max: dependencies.rateLimitPerMinute ?? DEFAULT_RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => request.headers.authorization ?? request.cookies[SESSION_COOKIE] ?? request.ip,
    errorResponseBuilder: (_request, context) =>
      new HttpError(429, `at most ${context.max} requests a minute`, {
        'retry-after': String(Math.ceil(context.ttl / 1000)),
      }),
  });
  await app.register(underPressure, {
    maxEventLoopDelay: 2_000,
    pressureHandler: () => {
      throw new HttpError(503, 'the server is too busy; try again', { 'retry-after': '2' });
    },
  });
}

function registerHealth(app: FastifyInstance, dependencies: ApiDependencies): void {
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/ready', async (_request, reply) => {
    const checks = await dependencies.readiness();
    const ready = checks.every((check) => check.ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });
}
