import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerInvocation, INVOCATION_TYPES } from '../invocations/index.ts';
import type { ApiDependencies } from '../ports.ts';

type Guard = (request: FastifyRequest) => Promise<void>;

/**
 * What a SageMaker container answers, at the root: `/ping`, and `/invocations` by the champion, for those who may score.
 * Formats of its own, so outside the contract of operations.
 */
export async function registerInvocations(
  app: FastifyInstance,
  { decisions }: ApiDependencies,
  mayScore: Guard,
): Promise<void> {
  app.get('/ping', async (_request, reply) => {
    const isReady = await decisions.models.champion().then(
      () => true,
      () => false,
    );
    return reply.code(isReady ? 200 : 503).send();
  });
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      [...INVOCATION_TYPES, 'application/x-jsonlines'],
      { parseAs: 'buffer' },
      (_request, body, done) => done(null, body),
    );
    scope.post('/invocations', { onRequest: mayScore }, async (request, reply) => invoke(decisions, request, reply));
  });
}

async function invoke(
  { models }: ApiDependencies['decisions'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { manifest, scorer } = await models.champion();
  const attributes = request.headers['x-amzn-sagemaker-custom-attributes'];
  const answer = await answerInvocation(
    { modelVersion: manifest.modelVersion, inputs: manifest.inputs, scorer },
    {
      body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
      contentType: request.headers['content-type'],
      accept: request.headers.accept,
      customAttributes: Array.isArray(attributes) ? attributes.join(';') : attributes,
    },
  );
  return reply.header('cache-control', 'no-store').header('content-type', answer.contentType).send(answer.body);
}
