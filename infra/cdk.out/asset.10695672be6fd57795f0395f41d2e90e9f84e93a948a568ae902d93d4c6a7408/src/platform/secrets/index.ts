export { configFromSecrets } from './secrets.ts';
