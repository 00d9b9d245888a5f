import type { PipelineRunDetail } from '../../contract.ts';

export type StepRun = PipelineRunDetail['steps'][number];
export type StepStatus = StepRun['status'];

export const STATUS_LABELS: Readonly<Record<StepStatus, string>> = {
  pending: 'Waiting',
  running: 'Running',
  succeeded: 'Succeeded',
  reused: 'Result reused',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

/** What a step that ran once for each item shows as one: the state that most needs to be seen. */
const LOUDEST: readonly StepStatus[] = [
  'failed',
  'running',
  'interrupted',
  'cancelled',
  'pending',
  'succeeded',
  'reused',
];

export type StepState = {
  readonly status: StepStatus;
  /** 0..1 over all its items; null when it has no measure. */
  readonly progress: number | null;
  readonly items: number;
  readonly itemsDone: number;
};

/** State and progress of one step of the graph; null when the run has not reached it. */
export function stateOfStep(name: string, steps: readonly StepRun[]): StepState | null {
  const runs = steps.filter((step) => step.step === name);
  if (runs.length === 0) return null;
  const status = LOUDEST.find((candidate) => runs.some((run) => run.status === candidate)) ?? 'pending';
  const shares = runs.map(progressOf);
  const known = shares.filter((share) => share !== null);
  return {
    status,
    progress: known.length === 0 ? null : shares.reduce((sum: number, share) => sum + (share ?? 0), 0) / runs.length,
    items: runs.length,
    itemsDone: runs.filter((run) => run.status === 'succeeded' || run.status === 'reused').length,
  };
}

/** 0..1; null while a running step has not said how much there is. */
export function progressOf(run: StepRun): number | null {
  if (run.status === 'succeeded' || run.status === 'reused') return 1;
  if (run.progressTotal <= 0) return null;
  return Math.min(1, run.progressDone / run.progressTotal);
}
