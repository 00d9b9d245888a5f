import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationIds } from './access.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';

test('the document names every operation once, with its parameters and an answer for errors', () => {
  const paths = openApiDocument()['paths'] as Record<
    string,
    Record<string, { operationId: string; responses: object; parameters: { in: string; name: string }[] }>
  >;
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  );
  assert.deepEqual(found.map((operation) => operation.operationId).sort(), operationIds().sort());
  for (const { path, parameters, responses } of found) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    assert.deepEqual(
      parameters.filter((one) => one.in === 'path').map((one) => one.name),
      named,
    );
    assert.ok('401' in responses);
  }
});

test('the documentation page needs no script and marks its style', () => {
  const page = docsPage('abc');
  assert.ok(!page.includes('<script') && page.includes('<style nonce="abc">') && page.includes('/api/v1/applications'));
});
