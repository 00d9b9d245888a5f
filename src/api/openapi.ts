import { z } from 'zod';
import { ACCESS, operationIds } from './access.ts';
import { API_PREFIX, type Operation, type OperationId, operations, problemSchema, SESSION_COOKIE } from './contract.ts';

type JsonObject = { [key: string]: unknown };

/** The OpenAPI 3.1 document, made from the same table as the routes. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const id of operationIds()) {
    const operation: Operation = operations[id];
    const path = API_PREFIX + operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationObject(id, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Assay',
      version: '1',
      description:
        'Loan applications in, decisions with their reasons out. Money is integer minor units; times are UTC.',
    },
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
      },
      schemas: { Problem: jsonSchema(problemSchema) },
    },
  };
}

function operationObject(id: OperationId, operation: Operation): JsonObject {
  const roles = id === 'signIn' ? 'anyone' : ACCESS[id].join(', ');
  return {
    operationId: id,
    summary: operation.summary,
    description: `Roles: ${roles}.`,
    tags: [operation.tag],
    ...(id === 'signIn' ? { security: [] } : {}),
    parameters: parametersOf(id, operation),
    ...(operation.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(operation.body) } } } }
      : {}),
    responses: responsesOf(id, operation),
  };
}

function parametersOf(id: OperationId, operation: Operation): JsonObject[] {
  const inPath = [...operation.path.matchAll(/:(\w+)/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(operation.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: jsonSchema(schema as z.ZodType, 'output'),
  }));
  return [...inPath, ...inQuery, ...(id === 'createApplication' ? [IDEMPOTENCY_HEADER] : [])];
}

const IDEMPOTENCY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Same key and body: the same bytes again. Same key, other body: 422. Still running: 409.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

function responsesOf(id: OperationId, operation: Operation): JsonObject {
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  const ok = operation.response
    ? { description: 'OK', content: { 'application/json': { schema: jsonSchema(operation.response, 'output') } } }
    : { description: operation.status === 204 ? 'Done' : 'An HTML document' };
  return {
    [operation.status]: ok,
    400: problem('The input is not valid'),
    401: problem('Not signed in'),
    ...(id === 'signIn' ? {} : { 403: problem('The role may not do this') }),
    ...(operation.path.includes(':') ? { 404: problem('Not found') } : {}),
    ...(id === 'createApplication'
      ? { 409: problem('Still running'), 422: problem('Key used with another body') }
      : {}),
    429: problem('Too many requests'),
    503: problem('Not available now'),
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
