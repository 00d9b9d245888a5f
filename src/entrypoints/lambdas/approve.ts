import { join } from 'node:path';
import { z } from 'zod';
import {
  configFromSecrets,
  createLog,
  lakeModelFiles,
  loadConfig,
  ModelApprovals,
  ModelRegistry,
  openSharedLake,
  reportTask,
} from '../../platform/index.ts';
import { type ApprovalParts, answerApprovals, requestApproval } from '../cloud/approval.ts';
import { cloudStepSchema } from '../cloud/run-cloud-step.ts';
import { openMigrated } from '../open-migrated.ts';

/** The state AwaitApproval of the pipeline, with the token by which it is answered. */
const requestSchema = cloudStepSchema.extend({ state: z.literal('AwaitApproval'), taskToken: z.string().min(1) });
/** By the clock, every few minutes. */
const scheduleSchema = z.object({ answer: z.object({ portfolio: z.string().min(1).max(100) }) });
const eventSchema = z.union([requestSchema, scheduleSchema]);

const clock = { now: () => new Date() };

/** Asks for the approval of a model version on behalf of an execution, and answers executions whose version was decided on. */
export async function handler(event: unknown): Promise<unknown> {
  const parsed = eventSchema.parse(event);
  const portfolio = 'answer' in parsed ? parsed.answer.portfolio : parsed.input.portfolio;
  return withParts(portfolio, async (parts) => {
    if ('answer' in parsed) return answerApprovals(parts);
    const { executionId, taskToken } = parsed;
    const champion = z.record(z.string(), z.json()).parse(parsed.input['champion']);
    await requestApproval(parts, { executionId, taskToken, champion });
    return {};
  });
}

async function withParts<T>(portfolio: string, work: (parts: ApprovalParts) => Promise<T>): Promise<T> {
  const config = await configFromSecrets(loadConfig(process.env, process.cwd()));
  const opened = await openMigrated(config, { log: createLog(config) });
  try {
    const { database } = opened;
    const lake = await openSharedLake(config, config.lakeUrl ?? '', portfolio);
    const directory = join(config.home, 'models');
    const registry = new ModelRegistry({ database, directory, clock, files: lakeModelFiles(lake) });
    const approvals = new ModelApprovals(database, clock);
    const hasEndpoint = Boolean(process.env['ASSAY_ENDPOINT']);
    return await work({ registry, approvals, lake, portfolio, hasEndpoint, report: reportTask });
  } finally {
    await opened.close();
  }
}
