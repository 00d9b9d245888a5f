import { canonicalJson, type DecisionOutcome, type FeatureRow, type FeatureValue, sha256Hex } from '../domain/index.ts';
import type { FraudCheck } from '../fraud/index.ts';
import { recordHash } from '../platform/index.ts';
import type { TraceEntry } from './evaluate-policy.ts';
import type { ExternalAnswer } from './external-data.ts';

export type DecisionReason = {
  readonly code: string;
  readonly text: string;
  readonly feature: string;
  readonly points: number;
};

export type Offer = {
  readonly amountMinor: number | null;
  readonly currency: string;
  readonly termMonths: number | null;
  readonly annualRatePercent: number | null;
};

export type Provenance = Readonly<Record<string, string | number | null>>;

/** What is recomputed on replay: everything that follows from the inputs and the versions. */
export type DecisionResult = {
  readonly margin: number;
  readonly pd: number;
  readonly score: number;
  readonly grade: string;
  readonly reasons: readonly DecisionReason[];
  readonly outcome: DecisionOutcome;
  readonly outcomeReasons: readonly { readonly code: string; readonly text: string }[];
  readonly offer: Offer | null;
  readonly trace: readonly TraceEntry[];
};

/** Everything a decision was made from, and what came out: the body that is hashed and chained. */
export type DecisionBody = {
  readonly format: 'assay-decision/1';
  readonly portfolio: string;
  readonly currency: string;
  readonly sequence: number;
  readonly decisionId: string;
  readonly decidedAt: string;
  readonly actor: string;
  readonly idempotencyKey: string | null;
  readonly requestHash: string;
  readonly application: {
    readonly applicationId: string;
    readonly borrowerId: string;
    readonly columns: Readonly<Record<string, FeatureValue>>;
  };
  /** The request as it was sent. */
  readonly request: unknown;
  readonly missing: readonly string[];
  readonly asOf: string;
  readonly features: FeatureRow;
  readonly provenance: Provenance;
  /** What sources outside gave, where any were asked. */
  readonly external?: readonly ExternalAnswer[];
  /** What was seen of application fraud; absent where nothing is looked at. */
  readonly fraud?: FraudCheck | undefined;
  readonly catalogHash: string;
  readonly modelVersion: string;
  /** Version of the reason dictionary of the model version. Absent from records written before it was kept. */
  readonly reasonsHash?: string | undefined;
  readonly policyVersion: string;
  readonly policyHash: string;
  readonly result: DecisionResult;
  readonly responseHash: string;
};

export type DecisionRecord = {
  readonly body: DecisionBody;
  /** The text that was hashed. */
  readonly bodyText: string;
  readonly response: string;
  readonly previousHash: string;
  readonly hash: string;
};

/** Makes the next record of a chain: the hash is over the text that is stored, sealed where it was sealed. */
export function chainRecord(
  entry: {
    readonly body: Omit<DecisionBody, 'sequence'>;
    readonly response: string;
    readonly envelope?: Readonly<Record<string, unknown>>;
  },
  head: { readonly sequence: number; readonly hash: string },
): DecisionRecord {
  const sequence = head.sequence + 1;
  const body: DecisionBody = { ...entry.body, sequence };
  const bodyText = canonicalJson({ ...(entry.envelope ?? body), sequence });
  return {
    body,
    bodyText,
    response: entry.response,
    previousHash: head.hash,
    hash: recordHash(head.hash, bodyText),
  };
}

/** Whether a stored record is what was written: its hash, its text and the bytes that were answered agree. */
export function isIntact(record: DecisionRecord): boolean {
  return (
    recordHash(record.previousHash, record.bodyText) === record.hash &&
    sha256Hex(record.response) === record.body.responseHash
  );
}
