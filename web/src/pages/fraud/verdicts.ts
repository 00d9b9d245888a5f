import type { FraudCaseDto } from '../../contract.ts';
import { formatTime } from '../../format/index.ts';

export const VERDICTS = { confirmed: 'Fraud confirmed', cleared: 'Cleared', unsure: 'Unsure' } as const;

/** Where a case stands, in one sentence. */
export function caseText(found: FraudCaseDto | null): string {
  if (found === null || (found.status === 'open' && found.verdict === null)) return 'Nobody has this case.';
  if (found.status === 'claimed') return `${found.claimedBy} has this case until ${formatTime(found.leasedUntil)}.`;
  if (found.verdict === null) return 'Nobody has this case.';
  return `${VERDICTS[found.verdict]} by ${found.decidedBy}, ${formatTime(found.decidedAt)}.`;
}

/** The same for a cell of a table. */
export function caseLabel(found: FraudCaseDto | null): string {
  if (found?.status === 'claimed') return `with ${found.claimedBy}`;
  return found?.verdict ? VERDICTS[found.verdict] : 'open';
}
