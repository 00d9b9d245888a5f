import Fastify, { type FastifyInstance } from 'fastify';
import { answerInvocation, INVOCATION_TYPES, type InvocationModel, problemOf } from '../../api/index.ts';

export type ServeOptions = {
  readonly model: InvocationModel;
  readonly host: string;
  readonly port: number;
  readonly logError: (text: string) => void;
};

/** SageMaker's own limit for a request to an endpoint is 25 MB; a batch transform may send up to 100 MB. */
const BODY_LIMIT_BYTES = 100 * 1024 ** 2;
/** SageMaker gives up on an invocation after 60 s. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Payload of a batch transform and requests it may send at once; what one process scores without waiting. */
const TRANSFORM_PARAMETERS = { MaxConcurrentTransforms: 2, BatchStrategy: 'MULTI_RECORD', MaxPayloadInMB: 6 };

/** The container's server: `/ping`, `/invocations`, and `/execution-parameters` for batch transforms. */
export async function serveModel({ model, host, port, logError }: ServeOptions): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [...INVOCATION_TYPES, 'application/x-jsonlines'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error, request, reply) => {
    const { problem } = problemOf(error, request.id);
    if (problem.status >= 500) logError(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.get('/ping', async (_request, reply) => reply.code(200).send());
  app.get('/execution-parameters', async () => TRANSFORM_PARAMETERS);
  app.post('/invocations', async (request, reply) => {
    const attributes = request.headers['x-amzn-sagemaker-custom-attributes'];
    const answer = await answerInvocation(model, {
      body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
      contentType: request.headers['content-type'],
      accept: request.headers.accept,
      customAttributes: Array.isArray(attributes) ? attributes.join(';') : attributes,
    });
    return reply.header('content-type', answer.contentType).send(answer.body);
  });
  await app.listen({ host, port });
  return app;
}
