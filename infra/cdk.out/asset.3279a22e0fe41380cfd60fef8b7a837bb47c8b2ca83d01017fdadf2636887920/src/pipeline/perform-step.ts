import type { JsonObject, PipelineStep, StepRequest } from './step.ts';
import type { PipelineStore } from './store.ts';

export type StepPerformance = {
  readonly store: PipelineStore;
  readonly portfolio: string;
  readonly step: PipelineStep;
  readonly item: string;
  /** Run it even if its result stands. */
  readonly repeat: boolean;
  readonly request: StepRequest;
};

/**
 * One step, done once: the result for the same input is found again if it stands. The old result is forgotten before the step
 * runs, so that a kill leaves either the old result with its files or none.
 */
export async function performStep({
  store,
  portfolio,
  step,
  item,
  repeat,
  request,
}: StepPerformance): Promise<{ readonly status: 'succeeded' | 'reused'; readonly output: JsonObject }> {
  const inputHash = await step.inputHash(request.input);
  const earlier = repeat ? undefined : await store.resultOf(portfolio, step.state, item, inputHash);
  if (earlier && (await step.stands(earlier))) return { status: 'reused', output: earlier };
  await store.forgetResult(portfolio, step.state, item);
  const output = await step.run(request);
  await store.keepResult(portfolio, step.state, item, inputHash, output);
  return { status: 'succeeded', output };
}
