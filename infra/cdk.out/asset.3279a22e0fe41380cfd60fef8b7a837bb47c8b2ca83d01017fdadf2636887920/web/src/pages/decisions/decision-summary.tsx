import type { Decision } from '../../contract.ts';
import { formatDecimal, formatMoney, formatPercent, OUTCOME_LABELS } from '../../format/index.ts';
import { Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { Reasons } from '../applicants/reasons.tsx';

/** Outcome, score and offer of a decision, with the reasons for each. */
export function DecisionSummary({ decision }: { readonly decision: Decision }) {
  return (
    <>
      <Tiles>
        <Tile dataKey="outcome" title="Outcome" value={OUTCOME_LABELS[decision.outcome]} />
        <Tile
          dataKey="score"
          title="Score"
          value={`${formatDecimal(decision.score, 0)} points`}
          definition="Log-odds of repayment on the portfolio's points scale; more is safer."
        />
        <Tile dataKey="grade" title="Grade" value={decision.grade} />
        <Tile
          dataKey="pd"
          title="Probability of default"
          value={formatPercent(decision.pd)}
          definition="Calibrated probability that this loan defaults within the portfolio's outcome window."
        />
        {decision.offer === null ? null : <OfferTile offer={decision.offer} />}
      </Tiles>
      <Row columns={2}>
        <Panel title="Why this outcome">
          <OutcomeReasons decision={decision} />
        </Panel>
        <Panel title="What lowered the score">
          <Reasons reasons={decision.reasons} />
        </Panel>
      </Row>
    </>
  );
}

function OfferTile({ offer }: { readonly offer: NonNullable<Decision['offer']> }) {
  const terms = [
    offer.termMonths === null ? null : `${offer.termMonths} months`,
    offer.annualRatePercent === null ? null : `${formatDecimal(offer.annualRatePercent, 2)} % a year`,
  ].filter((part) => part !== null);
  return (
    <Tile title="Offer" value={formatMoney(offer.amountMinor, offer.currency)} note={terms.join(', ') || undefined} />
  );
}

function OutcomeReasons({ decision }: { readonly decision: Decision }) {
  return (
    <>
      {decision.outcomeReasons.length === 0 ? (
        <p className="muted">No rule of the credit policy stood against it.</p>
      ) : (
        <ul>
          {decision.outcomeReasons.map((reason) => (
            <li key={reason.code}>
              {reason.text} <span className="mono muted">{reason.code}</span>
            </li>
          ))}
        </ul>
      )}
      {decision.missing.length === 0 ? null : <p>Missing: {decision.missing.join(', ')}</p>}
    </>
  );
}
