import type { OutcomeDto } from '../contract.ts';
import { OUTCOME_LABELS } from '../format/index.ts';
import classes from './layout.module.css';

/** An outcome by colour and by word. */
export function OutcomeBadge({ outcome }: { readonly outcome: OutcomeDto }) {
  return (
    <span className={classes['outcome']} data-outcome={outcome}>
      {OUTCOME_LABELS[outcome]}
    </span>
  );
}
