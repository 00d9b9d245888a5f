export { type LoadedMart, loadMarts, loadStatements } from './load-marts.ts';
