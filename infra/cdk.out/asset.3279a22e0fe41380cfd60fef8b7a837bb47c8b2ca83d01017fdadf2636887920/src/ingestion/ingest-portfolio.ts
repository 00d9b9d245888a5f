import type { Funnel } from './funnel.ts';
import { type LandedSource, type LandRequest, landRaw } from './land-raw.ts';
import { type ProcessRequest, processRaw } from './process-raw.ts';

export type IngestRequest = LandRequest & Omit<ProcessRequest, 'landed'>;

/**
 * Source files to processed zone: landRaw, then processRaw.
 * @example await ingestPortfolio({ portfolio, dataDirectory: '../shared/data', lake, warehouse, clock });
 */
export async function ingestPortfolio(request: IngestRequest): Promise<{ landed: LandedSource[]; funnel: Funnel }> {
  const { onProgress, ...rest } = request;
  const landed = await landRaw(rest);
  const funnel = await processRaw({ ...request, landed });
  return { landed, funnel };
}
