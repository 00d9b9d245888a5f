import { AssayError, canonicalJson, sha256Hex } from '../domain/index.ts';
import type { PersonVault } from '../platform/index.ts';
import type { DecisionBody } from './record.ts';

/**
 * A decision as it is stored: what finds and counts it in clear, everything about the person under the person's key. The chain is over
 * this text, so that it verifies without any key, and after the key was destroyed.
 */
export type StoredDecision = {
  /** The text that is hashed and chained, without its sequence number. */
  readonly envelope: Readonly<Record<string, unknown>>;
  /** Pseudonym of the borrower. */
  readonly person: string;
  readonly response: string;
};

const bodyContext = (decisionId: string): string => `decision ${decisionId}`;
const responseContext = (decisionId: string): string => `response ${decisionId}`;

export async function sealDecision(
  vault: PersonVault,
  { body, response }: { readonly body: Omit<DecisionBody, 'sequence'>; readonly response: string },
): Promise<StoredDecision> {
  const { decisionId, application, result } = body;
  const { person, seal } = await vault.sealOf(application.borrowerId);
  const sealedResponse = seal(response, responseContext(decisionId));
  const envelope = {
    format: 'assay-decision/2',
    portfolio: body.portfolio,
    decisionId,
    applicationId: application.applicationId,
    person,
    decidedAt: body.decidedAt,
    actor: body.actor,
    outcome: result.outcome,
    pd: result.pd,
    score: result.score,
    grade: result.grade,
    modelVersion: body.modelVersion,
    policyVersion: body.policyVersion,
    policyHash: body.policyHash,
    catalogHash: body.catalogHash,
    responseHash: sha256Hex(sealedResponse),
    sealed: seal(canonicalJson(body), bodyContext(decisionId)),
  };
  return { envelope, person, response: sealedResponse };
}

type Envelope = {
  readonly decisionId: string;
  readonly person: string;
  readonly sequence: number;
  readonly sealed: string;
};

/** What a stored record says; undefined when the person was erased. Records from before sealing are read as they are. */
export async function openDecision(
  vault: PersonVault,
  stored: { readonly body: string; readonly response: string },
): Promise<{ body: DecisionBody; response: string } | undefined> {
  const parsed = parseText(stored.body);
  if (!isEnvelope(parsed)) return { body: parsed as DecisionBody, response: stored.response };
  const { decisionId, person, sequence } = parsed;
  const text = await vault.open(person, parsed.sealed, bodyContext(decisionId));
  const response = await vault.open(person, stored.response, responseContext(decisionId));
  if (text === undefined || response === undefined) return undefined;
  return { body: { ...(parseText(text) as DecisionBody), sequence }, response };
}

/** The answer alone, for a request that is sent again. */
export async function openResponse(
  vault: PersonVault,
  stored: { readonly decisionId: string; readonly person: string; readonly response: string },
): Promise<string> {
  const response = await vault.open(stored.person, stored.response, responseContext(stored.decisionId));
  if (response !== undefined) return response;
  throw erased(stored.decisionId);
}

export function erased(decisionId: string): AssayError {
  return new AssayError('gone', {
    what: 'the person this decision was about has been erased',
    given: decisionId,
    fix: 'what is left is its place in the record: assay audit verify',
  });
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AssayError('tampered', { what: 'the text of a decision record is not what was written' }, { cause });
  }
}

function isEnvelope(value: unknown): value is Envelope {
  return value !== null && typeof value === 'object' && 'format' in value && value.format === 'assay-decision/2';
}
