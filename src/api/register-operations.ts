import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayCall, operationIds, PUBLIC_OPERATIONS } from './access.ts';
import type { Admission } from './admission.ts';
import { API_PREFIX, type Operation, type OperationId, operations, SESSION_COOKIE } from './contract.ts';
import { HttpError } from './errors.ts';
import { type Call, type Handlers, isRaw } from './handlers.ts';
import { isPlainApplication } from './plain-application.ts';
import type { RequestGate } from './request-gate.ts';
import type { Sessions, SignedInUser } from './session/sessions.ts';
import { parseWith, storable } from './validate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: (SignedInUser & { token: string }) | null;
  }
  interface FastifyContextConfig {
    operation?: OperationId;
  }
}

export type Guards = { readonly sessions: Sessions; readonly gate: RequestGate; readonly admission: Admission };

/** Makes a route of every operation of the contract: session, role, checked input, handler, answer. */
export function registerOperations(app: FastifyInstance, handlers: Handlers, guards: Guards): void {
  app.decorateRequest('signedIn', null);
  for (const id of operationIds()) registerOperation(app, id, handlers, guards);
}

function registerOperation<Id extends OperationId>(
  app: FastifyInstance,
  id: Id,
  handlers: Handlers,
  { sessions, gate, admission }: Guards,
): void {
  const operation: Operation = operations[id];
  app.route({
    method: operation.method,
    url: API_PREFIX + operation.path,
    config: { operation: id },
    onRequest: async (request, reply) => {
      if (id === 'createEvents') admission.enter(request, reply);
      const leave = gate.enter(id);
      // also when the client hangs up before the answer
      reply.raw.once('close', leave);
      await authorize(request, id, sessions);
    },
    handler: async (request, reply) => {
      const answer = await handlers[id](callOf<Id>(id, operation, { request, reply }));
      return send(reply, operation, answer);
    },
  });
}

/** Before the body is read: who is it, and may they. */
export async function authorize(request: FastifyRequest, id: OperationId, sessions: Sessions): Promise<void> {
  if (PUBLIC_OPERATIONS.includes(id)) return refuseOtherSites(request);
  const bearer = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? '')?.[1];
  const token = bearer ?? request.cookies[SESSION_COOKIE];
  const session = token ? await sessions.find(token) : undefined;
  if (!token || !session) {
    throw new HttpError(401, 'sign in first: POST /api/v1/session', { 'www-authenticate': 'Bearer realm="assay"' });
  }
  if (!bearer) refuseOtherSites(request);
  if (!mayCall(session.user.role, id)) {
    throw new HttpError(403, `the role ${session.user.role} may not do this: ${operations[id].summary.toLowerCase()}`);
  }
  request.signedIn = { ...session, token };
}

/** A browser says where a request comes from; one that carries the cookie from another site is refused. */
function refuseOtherSites(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (request.method === 'GET' || origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== request.host) {
    throw new HttpError(403, 'a request with a session cookie must come from this site');
  }
}

const NOBODY = { username: '', displayName: '', role: 'compliance' } as const;

const TAKES_AN_APPLICATION: ReadonlySet<OperationId> = new Set([
  'createApplication',
  'createScores',
] satisfies OperationId[]);
/** Of a batch of events each is answered by itself: what no store keeps is for the intake to refuse. */
const ANSWERED_ONE_BY_ONE: OperationId = 'createEvents';

/** What an operation does not take is refused by name, also where it takes nothing at all. */
const NOTHING = z.strictObject({});

function bodyOf(id: OperationId, { body }: Operation, given: unknown): unknown {
  if (TAKES_AN_APPLICATION.has(id) && isPlainApplication(given)) return given;
  const parsed = parseWith(body ?? NOTHING.nullish(), given, 'body');
  return id === ANSWERED_ONE_BY_ONE ? parsed : storable(parsed, 'body');
}

function queryOf({ query }: Operation, given: unknown): unknown {
  return storable(parseWith(query ?? NOTHING, { ...(given as object) }, 'query'), 'query');
}

function callOf<Id extends OperationId>(
  id: Id,
  operation: Operation,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Call<Id> {
  const call = {
    query: queryOf(operation, request.query),
    body: bodyOf(id, operation, request.body),
    parameters: storable(request.params, 'path'),
    user: request.signedIn?.user ?? NOBODY,
    token: request.signedIn?.token ?? '',
    expiresAt: request.signedIn?.expiresAt ?? new Date(0),
    address: request.ip,
    secure: request.protocol === 'https',
    header: (name: string) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    hungUp: () => hungUp(reply),
  };
  // the schemas that were just applied are those the type is made from
  return call as unknown as Call<Id>;
}

function hungUp(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) gone.abort();
  });
  return gone.signal;
}

function send(reply: FastifyReply, operation: Operation, answer: unknown): FastifyReply {
  reply.header('cache-control', 'no-store');
  if (isRaw(answer))
    return reply
      .code(answer.status ?? operation.status)
      .headers(answer.headers)
      .send(answer.body);
  if (answer === undefined) return reply.code(operation.status).send();
  return reply
    .code(operation.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer));
}
