import helmet from '@fastify/helmet';
import Fastify, { type FastifyReply } from 'fastify';

/**
 * What helmet says of every answer. Its words do not depend on the request, so they are asked for once: worked out again for each
 * request they took as long as the model. Pages set a policy of their own over it; everything else is data and may load nothing.
 */
export async function safeHeaders(): Promise<Parameters<FastifyReply['headers']>[0]> {
  const once = Fastify({ logger: false });
  await once.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false,
  });
  // helmet writes to the raw answer before the handler runs: nothing else is there yet
  once.get('/', async (_request, reply) => reply.raw.getHeaders());
  const answer = await once.inject('/');
  await once.close();
  return answer.json();
}
