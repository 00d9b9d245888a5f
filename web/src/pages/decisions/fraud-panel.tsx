import type { Decision } from '../../contract.ts';
import { formatDecimal } from '../../format/index.ts';
import { Facts, Panel } from '../../layout/index.ts';

/** What was seen of application fraud when the decision was made; nothing where a book has no such checks. */
export function FraudPanel({ fraud }: { readonly fraud: Decision['fraud'] }) {
  if (fraud === null) return null;
  return (
    <Panel
      title="Application fraud"
      note="Apart from credit risk: no part of the probability of default, the score or its reasons."
    >
      <Facts
        facts={[
          ['Suspicion', `${formatDecimal(fraud.score, 2)} (${fraud.band})`],
          ...fraud.signals.map(({ text, value }) => [text, formatDecimal(value, 1)] as const),
        ]}
      />
      {fraud.signals.length === 0 ? <p className="muted">Nothing stood out.</p> : null}
    </Panel>
  );
}
