import { formatCount, formatMoneyCompact, formatPercent } from '../../format/index.ts';
import { Tile, Tiles } from '../../layout/index.ts';
import { MINIMUM_KNOWN, type StrategyOutcome } from './outcome.ts';

type Props = { readonly outcome: StrategyOutcome; readonly currency: string };

export function OutcomeTiles({ outcome, currency }: Props) {
  const { badRate } = outcome;
  return (
    <Tiles>
      <Tile dataKey="applications" title="Applications looked at" value={formatCount(outcome.rows)} />
      <Tile
        dataKey="approved"
        title="Approved without a person"
        value={formatPercent(outcome.approvedShare, 1)}
        note={`${formatPercent(outcome.finalApprovedShare, 1)} after review`}
        definition="Share of the applications looked at whose PD lies below the approval cut-off."
      />
      <Tile
        dataKey="referred"
        title="Referred"
        value={formatPercent(outcome.referredShare, 1)}
        note={`${formatPercent(outcome.declinedShare, 1)} declined`}
      />
      <Tile
        dataKey="badRate"
        title="Observed bad rate of the approved"
        value={badRate === null ? 'too few' : formatPercent(badRate.value)}
        note={badRate === null ? null : `95 %: ${formatPercent(badRate.lower)} to ${formatPercent(badRate.upper)}`}
        definition={`Defaults over known outcomes among the approved, Wilson interval; not shown below ${MINIMUM_KNOWN} known outcomes. Those the lender declined in the past have no outcome.`}
      />
      <Tile
        dataKey="meanPd"
        title="Predicted"
        value={formatPercent(outcome.meanPd)}
        note="mean PD of the approved"
        definition="Out of fold where the outcome is known, so that no application is judged by a model that has seen it."
      />
      <Tile
        dataKey="profit"
        title="Expected profit"
        value={formatMoneyCompact(Math.round(outcome.expectedProfitMinor), currency)}
        note={`expected loss ${formatMoneyCompact(Math.round(outcome.expectedLossMinor), currency)}`}
        definition="Over approved and reviewed loans: earnings x amount x (1 - PD) - loss given default x amount x PD, less the cost of reviews. Earnings: one margin for all, or annual rate of the policy x years / 2 (paid back evenly) less costs. Not discounted; a book without amounts counts 10,000 a loan."
      />
    </Tiles>
  );
}
