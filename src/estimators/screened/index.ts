export { MOST_COLUMNS, screened } from './screened.ts';
