export { openLocalLake } from './local-lake.ts';
