export { checkStatement, type TableName } from './check-statement.ts';
export type { ConsoleCell, ConsoleResult, ConsoleView } from './messages.ts';
export { type ConsoleQuery, runConsoleQuery, TIME_LIMIT_MS } from './run-query.ts';
