export { reportTask, type TaskOutcome } from './report-task.ts';
export * from './state-machine.ts';
