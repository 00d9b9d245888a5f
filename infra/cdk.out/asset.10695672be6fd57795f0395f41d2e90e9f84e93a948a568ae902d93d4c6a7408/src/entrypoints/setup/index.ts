export { ensureReady, type Need, type Ready } from './ensure-ready.ts';
export { ensureWebApp, findWebApp } from './web-app.ts';
