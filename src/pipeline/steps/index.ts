import type { PipelineDependencies } from '../dependencies.ts';
import type { PipelineStep } from '../step.ts';
import { buildFeaturesStep, buildSnapshotStep, fillOnlineStoreStep } from './features.ts';
import { landRawStep, processRawStep } from './ingest.ts';
import { prepareSources } from './prepare-sources.ts';
import { buildMartsStep, scoreBookStep, selectChampionStep } from './publish.ts';
import { registerModelStep, trainEstimatorStep } from './train.ts';

/** Every Task of the state machine that this system runs, for one book; ELSEWHERE names the others. */
export function bookSteps(dependencies: PipelineDependencies): PipelineStep[] {
  return [
    prepareSources,
    landRawStep,
    processRawStep,
    fillOnlineStoreStep,
    buildFeaturesStep,
    buildSnapshotStep,
    trainEstimatorStep,
    registerModelStep,
    selectChampionStep,
    scoreBookStep,
    buildMartsStep,
  ].map((step) => step(dependencies));
}
