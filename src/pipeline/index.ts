export { hashOf } from './content-hash.ts';
export type { FetchedTraining, PipelineDependencies } from './dependencies.ts';
export { describeStateMachine, type GraphState, type StateGraph } from './describe.ts';
export { findLift, type LiftDependencies } from './find-lift.ts';
export { performStep } from './perform-step.ts';
export {
  ELSEWHERE,
  type PipelineEvent,
  type PipelineOutcome,
  type PipelineRequest,
  runPipeline,
} from './run-pipeline.ts';
export { type RemoteStepRequest, runRemoteStep } from './run-remote-step.ts';
export type { JsonObject, PipelineStep, StepProgress, StepRequest } from './step.ts';
export { bookSteps } from './steps/index.ts';
export {
  DOCUMENT_FILE,
  type TrainedCandidate,
  trainCandidate,
  trainVersion,
  type VersionDependencies,
} from './steps/train.ts';
export { type PipelineRun, type PipelineRunStep, PipelineStore, type RunStatus, type StepStatus } from './store.ts';
