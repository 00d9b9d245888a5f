import { AssayError, sha256Hex } from '../../domain/index.ts';
import type { JsonObject } from '../../pipeline/index.ts';
import type {
  ModelApprovals,
  ModelRegistry,
  ModelVersion,
  S3Lake,
  TaskOutcome,
  WaitingApproval,
} from '../../platform/index.ts';
import { exportKey, signingKeyOf } from './models.ts';

export type ApprovalParts = {
  readonly registry: ModelRegistry;
  readonly approvals: ModelApprovals;
  readonly lake: Pick<S3Lake, 'objectUri'>;
  readonly portfolio: string;
  /** Whether there is an endpoint to bring an approved version to. */
  readonly hasEndpoint: boolean;
  /** Tells the waiting state; false when nobody waits any more. */
  readonly report: (taskToken: string, outcome: TaskOutcome) => Promise<boolean>;
};

/** Names in SageMaker: letters, digits and hyphens, 63 at most. */
const MAX_NAME_CHARS = 54;

/**
 * The state AwaitApproval: answers at once when the version that the run chose is in use (the first one, which set-up approves) or was
 * turned down before; else it waits, and `answerApprovals` answers when somebody has decided. Of one book only the last run waits.
 */
export async function requestApproval(
  parts: ApprovalParts,
  { executionId, taskToken, champion }: { executionId: string; taskToken: string; champion: JsonObject },
): Promise<void> {
  const { registry, approvals, portfolio } = parts;
  const modelVersion = String(champion['chosen'] ?? champion['modelVersion']);
  const earlier = (await approvals.waiting(portfolio)).filter((waiting) => waiting.executionId !== executionId);
  for (const waiting of earlier) await answer(parts, waiting, 'superseded');
  const { status } = await registry.get(modelVersion);
  const isServed = (await approvals.lastApproved(portfolio)) === modelVersion;
  const request = { executionId, portfolio, modelVersion, taskToken };
  await approvals.ask(request);
  if (status === 'champion') await answer(parts, request, isServed ? 'superseded' : 'approved');
  else if (status === 'rejected') await answer(parts, request, 'rejected');
}

/** Answers those who wait and whose version was decided on, and tells the others' states that they are still waited for. */
export async function answerApprovals(parts: ApprovalParts): Promise<{ answered: number; waiting: number }> {
  const counts = { answered: 0, waiting: 0 };
  for (const request of await parts.approvals.waiting(parts.portfolio)) {
    const decided = answerOf(await parts.registry.get(request.modelVersion));
    if (decided) await answer(parts, request, decided);
    else if (!(await parts.report(request.taskToken, { kind: 'waiting' })))
      await parts.approvals.answered(request.executionId, 'lapsed');
    else counts.waiting += 1;
    if (decided) counts.answered += 1;
  }
  return counts;
}

/** Approved alone does not bring a version into use: a second person promotes it. */
function answerOf({ status }: ModelVersion): 'approved' | 'rejected' | 'superseded' | undefined {
  if (status === 'champion') return 'approved';
  if (status === 'rejected') return 'rejected';
  return status === 'retired' ? 'superseded' : undefined;
}

async function answer(
  parts: ApprovalParts,
  { executionId, taskToken }: WaitingApproval,
  decision: 'approved' | 'rejected' | 'superseded',
): Promise<void> {
  const output = await outputOf(parts, executionId, decision);
  const isHeard = await parts.report(taskToken, { kind: 'succeeded', output });
  await parts.approvals.answered(executionId, isHeard ? decision : 'lapsed');
}

/** What the states after it need to bring the version in use to the endpoint, or to score rows with it. */
async function outputOf(
  { registry, lake, portfolio, hasEndpoint }: ApprovalParts,
  executionId: string,
  answered: 'approved' | 'rejected' | 'superseded',
): Promise<JsonObject> {
  const champion = await registry.champion(portfolio);
  if (!champion) throw new AssayError('not_found', { what: 'no model version is the champion', given: portfolio });
  const { modelVersion } = champion;
  const name = `${modelVersion.slice(-MAX_NAME_CHARS)}-${sha256Hex(executionId).slice(0, 8)}`.replace(/^-+/, '');
  return {
    decision: answered === 'approved' && !hasEndpoint ? 'approved_without_endpoint' : answered,
    modelVersion,
    name,
    modelDataUrl: await lake.objectUri(exportKey(modelVersion, 'container')),
    signingKeyId: signingKeyOf(await registry.files(modelVersion)),
  };
}
