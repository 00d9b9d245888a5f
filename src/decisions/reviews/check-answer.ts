import { AssayError, type CreditPolicy } from '../../domain/index.ts';
import { reviewReasons } from '../notices/principal-reasons.ts';
import type { DecisionBody } from '../record.ts';
import { numberOrNull } from './priority.ts';
import { ADVERSE_TEXTS, type ReviewAnswer } from './review.ts';

/**
 * Refuses an answer that the borrower could not be told: a decline or counter-offer without a reason of theirs, a counter-offer without
 * an amount below what was asked for.
 * @throws AssayError bad_input naming the field
 */
export function checkAnswer(answer: ReviewAnswer, body: DecisionBody, policy: CreditPolicy): void {
  if (answer.outcome !== 'approved' && reviewReasons(body, policy, answer).length === 0) throw tellsNothing(answer);
  if (answer.outcome !== 'counter_offer') {
    if (answer.offerMinor === undefined) return;
    throw badOffer(answer.offerMinor, 'no amount: only a counter-offer has one');
  }
  const asked = numberOrNull(body.application.columns['amount_minor']);
  const offered = answer.offerMinor ?? body.result.offer?.amountMinor ?? null;
  if (offered === null) throw badOffer('none', 'an amount: the policy offers none for this application');
  if (asked !== null && offered >= asked) throw badOffer(offered, `below the ${asked} asked for`);
}

function tellsNothing({ code }: ReviewAnswer): AssayError {
  const allowed = [...Object.keys(ADVERSE_TEXTS), 'SCORE_STANDS'].join(', ');
  const message = `one of ${allowed}`;
  return new AssayError('bad_input', {
    what: 'this code tells the borrower no reason, and a decline must',
    given: code,
    allowed,
    fix: 'name the main reason against the application; details go into the note',
    issues: [{ path: 'code', message }],
  });
}

function badOffer(given: number | string, allowed: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the amount of this answer cannot be offered',
    given: String(given),
    allowed,
    fix: 'send offerMinor, in minor units',
    issues: [{ path: 'offerMinor', message: allowed }],
  });
}
