import { describeStateMachine, PipelineStore } from '../pipeline/index.ts';
import { loadConfig } from '../platform/index.ts';
import type { CommandContext } from './context.ts';
import type { PortfolioOptions } from './portfolio-options.ts';
import { openSystem } from './system.ts';

type StatusOptions = PortfolioOptions & { readonly json?: boolean };

/** The last run of a book and its steps. */
export async function pipelineStatus(context: CommandContext, options: StatusOptions): Promise<void> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const system = await openSystem({ config, portfolio: options.portfolio, clock: context.clock });
  try {
    const store = new PipelineStore(system.database, context.clock);
    const [run] = await store.listRuns(options.portfolio, 1);
    const steps = run ? await store.stepsOf(run.runId) : [];
    if (options.json) return context.print(JSON.stringify({ run: run ?? null, steps }, null, 2));
    if (!run)
      return context.print(`${options.portfolio}: the pipeline has not run yet; start it with: assay pipeline run`);
    context.print(
      `${options.portfolio}: run ${run.runId} ${run.status}, started ${run.startedAt.toISOString()} by ${run.trigger}`,
    );
    for (const step of steps) {
      const seconds =
        step.startedAt && step.finishedAt
          ? `${((step.finishedAt.getTime() - step.startedAt.getTime()) / 1000).toFixed(1)} s`
          : '';
      context.print(
        `  ${step.step.padEnd(16)} ${step.item.padEnd(10)} ${step.status.padEnd(11)} ${seconds.padStart(8)} ${step.error ?? ''}`.trimEnd(),
      );
    }
  } finally {
    await system.close();
  }
}

/** The states of the machine and where each leads. */
export async function pipelineGraph(context: CommandContext, options: StatusOptions): Promise<void> {
  const graph = await describeStateMachine();
  if (options.json) return context.print(JSON.stringify(graph, null, 2));
  for (const state of graph.states) {
    context.print(`${state.parent ? '  ' : ''}${state.name} (${state.type}) -> ${state.next.join(', ') || 'end'}`);
    if (state.comment) context.print(`${state.parent ? '  ' : ''}    ${state.comment}`);
  }
}
