import { AssayError } from '../../domain/index.ts';
import { loadConfig } from '../../platform/index.ts';
import { runCloudStep } from '../cloud/run-cloud-step.ts';

/** Leaves this much of the function's time for closing and answering. */
const CLOSING_MS = 5_000;

type LambdaContext = { readonly getRemainingTimeInMillis: () => number };

/**
 * A state of the pipeline as a Lambda function. The error's name is what Retry and Catch of the state machine match on:
 * `Assay.unavailable` is tried again.
 */
export async function handler(event: unknown, context: LambdaContext): Promise<unknown> {
  const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - CLOSING_MS));
  const config = loadConfig(process.env, process.cwd());
  try {
    return await runCloudStep(event, { config, clock: { now: () => new Date() }, signal });
  } catch (error) {
    throw named(error);
  }
}

function named(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const found = new Error(text, { cause: error });
  found.name = error instanceof AssayError ? `Assay.${error.code}` : 'Assay.internal';
  return found;
}
