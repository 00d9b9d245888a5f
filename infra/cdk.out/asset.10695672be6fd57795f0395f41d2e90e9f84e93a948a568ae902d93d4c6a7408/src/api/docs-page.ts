import { openApiDocument } from './openapi.ts';

type OperationView = {
  summary: string;
  description: string;
  parameters: { name: string; in: string; schema: unknown }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
};

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1rem; margin: 2rem 0 .25rem; font-family: ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8884; border-radius: 4px; font-size: 12px; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
summary { cursor: pointer; }`;

/** The API's documentation as one page without scripts. */
export function docsPage(nonce: string): string {
  const document = openApiDocument();
  const operations = Object.entries(document['paths'] as Record<string, Record<string, OperationView>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => section(path, method, operation)),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Assay API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style nonce="${nonce}">${STYLE}</style></head><body>
<h1>Assay API</h1><p>${escapeHtml(String((document['info'] as { description: string }).description))}</p>
<p>Machine-readable: <a href="/api/openapi.json">OpenAPI 3.1</a>. Sign in with <code>POST /api/v1/session</code>, then send
<code>Authorization: Bearer TOKEN</code>. Errors are <code>application/problem+json</code> (RFC 9457).</p>
${operations.join('\n')}</body></html>`;
}

function section(path: string, method: string, operation: OperationView): string {
  const body = operation.requestBody?.content['application/json']?.schema;
  const answer = Object.values(operation.responses)[0]?.content?.['application/json']?.schema;
  const parameters = operation.parameters
    .map(
      (one) =>
        `<tr><td><code>${escapeHtml(one.name)}</code></td><td>${escapeHtml(one.in)}</td><td><code>${escapeHtml(JSON.stringify(one.schema))}</code></td></tr>`,
    )
    .join('');
  return `<section><h2>${method.toUpperCase()} ${escapeHtml(path)}</h2><p>${escapeHtml(operation.summary)}. ${escapeHtml(operation.description)}</p>
${parameters === '' ? '' : `<table><tr><th>Parameter</th><th>In</th><th>Schema</th></tr>${parameters}</table>`}
${schemaBlock('Request body', body)}${schemaBlock('Answer', answer)}</section>`;
}

function schemaBlock(title: string, schema: unknown): string {
  if (schema === undefined) return '';
  return `<details><summary>${title}</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
