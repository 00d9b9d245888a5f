import type { PipelineDependencies } from '../dependencies.ts';
import type { PipelineStep } from '../step.ts';
import { buildFeaturesStep, buildSnapshotStep, fillOnlineStoreStep } from './features.ts';
import { landRawStep, processRawStep } from './ingest.ts';
import { prepareSources } from './prepare-sources.ts';
import { buildMartsStep, scoreBookStep, selectChampionStep } from './publish.ts';
import { trainEstimatorStep } from './train.ts';

/** Every Task of the state machine, for one book. */
export function bookSteps(dependencies: PipelineDependencies): PipelineStep[] {
  return [
    prepareSources,
    landRawStep,
    processRawStep,
    fillOnlineStoreStep,
    buildFeaturesStep,
    buildSnapshotStep,
    trainEstimatorStep,
    selectChampionStep,
    scoreBookStep,
    buildMartsStep,
  ].map((step) => step(dependencies));
}
