import type { ScoreResult } from '../../contract.ts';
import { formatDecimal, formatPercent, OUTCOME_LABELS } from '../../format/index.ts';
import { Panel, Tile, Tiles } from '../../layout/index.ts';
import { Reasons } from '../applicants/reasons.tsx';

/** A score without a decision. */
export function ScoredPanel({ result }: { readonly result: ScoreResult }) {
  return (
    <>
      <Tiles>
        <Tile dataKey="score" title="Score" value={`${formatDecimal(result.score, 0)} points`} />
        <Tile dataKey="grade" title="Grade" value={result.grade} />
        <Tile dataKey="pd" title="Probability of default" value={formatPercent(result.pd)} />
        <Tile
          dataKey="indicativeOutcome"
          title="The policy would say"
          value={OUTCOME_LABELS[result.indicativeOutcome]}
          definition="What the credit policy would say to this application; nothing was decided or stored."
        />
      </Tiles>
      <Panel title="What lowered the score" note={`Scored by ${result.modelVersion}`}>
        <Reasons reasons={result.reasons} />
        {result.missing.length === 0 ? null : <p>Missing: {result.missing.join(', ')}</p>}
      </Panel>
    </>
  );
}
