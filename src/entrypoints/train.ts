import { userWhoMay } from '../api/index.ts';
import { AssayError } from '../domain/index.ts';
import { PipelineStore, type TrainedCandidate, trainCandidate } from '../pipeline/index.ts';
import { type Config, ownerState, PIPELINE_ACTOR } from '../platform/index.ts';
import type { TrainOptions } from './commands/train.ts';
import type { CommandContext } from './context.ts';
import { pipelineDependencies } from './run-book.ts';
import { openSystem, type System } from './system.ts';
import { pipelineProgress } from './terminal/pipeline-progress.ts';

/** Trains the estimators named, one after another, and prints the versions made. */
export async function trainCommand(context: CommandContext, config: Config, options: TrainOptions): Promise<void> {
  const { clock, signal } = context;
  const system = await openSystem({ config, portfolio: options.portfolio, clock });
  try {
    const actor =
      options.as === undefined ? PIPELINE_ACTOR : (await userWhoMay(system.database, options.as, 'startRun')).username;
    await refuseBesideRun(system, context);
    const dependencies = pipelineDependencies(system, options, clock);
    const versions: TrainedCandidate[] = [];
    for (const estimator of options.estimator ?? system.portfolio.estimators) {
      const report = progressOf(context, estimator, options.json === true);
      versions.push(await trainCandidate(dependencies, { estimator, actor, signal, onProgress: report.onProgress }));
      report.done();
    }
    context.print(options.json ? JSON.stringify({ versions }, null, 2) : versions.map(lineOf).join('\n'));
  } finally {
    await system.close();
  }
}

/** A run writes the training set and the predictions that this command reads and writes. */
async function refuseBesideRun({ database, portfolio }: System, { clock }: CommandContext): Promise<void> {
  const running = await new PipelineStore(database, clock).runningRun(portfolio.name);
  if (!running || ownerState(running.owner) === 'gone') return;
  throw new AssayError('conflict', {
    what: `a pipeline run of ${portfolio.name} is under way`,
    given: `run ${running.runId} by ${running.owner}`,
    fix: 'wait for it: it trains every estimator of the portfolio',
  });
}

function progressOf(context: CommandContext, item: string, isSilent: boolean) {
  const { isTerminal, clock } = context;
  const show = pipelineProgress({ isTerminal, clock, write: (text) => void process.stderr.write(text) });
  const event = { step: 'TrainEstimator', title: 'Train', item, total: 1 } as const;
  if (isSilent) return { onProgress: () => {}, done: () => {} };
  return {
    onProgress: (done: number, note: string) => show({ ...event, status: 'running', done, note }),
    done: () => show({ ...event, status: 'succeeded', done: 1 }),
  };
}

function lineOf({ modelVersion, auc }: TrainedCandidate): string {
  const figures = Object.entries(auc).map(([split, value]) => `${split} ${value.toFixed(4)}`);
  return `${modelVersion.padEnd(44)} AUC ${figures.join(', ')}`;
}
