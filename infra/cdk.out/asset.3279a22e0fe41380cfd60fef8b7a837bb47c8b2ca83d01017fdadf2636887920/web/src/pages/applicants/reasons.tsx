import type { ReasonDto } from '../../contract.ts';
import { formatDecimal, formatFeature } from '../../format/index.ts';
import { useCatalog } from '../../queries/catalog.ts';
import { useCurrency } from '../../queries/portfolio.ts';
import classes from './reasons.module.css';

type Feature = {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly value: number | string | null;
  readonly nullMeaning?: string;
};

type Props = { readonly reasons: readonly ReasonDto[]; readonly features?: readonly Feature[] };

/** What lowered the score most, in words, with the value that was seen. */
export function Reasons({ reasons, features = [] }: Props) {
  const { data: catalog } = useCatalog();
  const currency = useCurrency();
  if (reasons.length === 0) return <p className="muted">Nothing lowered the score against the reference.</p>;
  const titles = new Map(catalog?.features.map((feature) => [feature.name, feature.title]));
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  return (
    <ol className={classes['reasons']}>
      {reasons.map((reason) => {
        const feature = byName.get(reason.feature);
        return (
          <li key={reason.code}>
            <span className={classes['points']}>−{formatDecimal(Math.abs(reason.points), 1)}</span>
            <span>
              {reason.text}
              <span className={classes['detail']}>
                <span className="mono">{reason.code}</span> ·{' '}
                {feature?.title ?? titles.get(reason.feature) ?? reason.feature}
                {feature === undefined ? null : <>: {formatFeature(feature.value, { ...feature, currency })}</>}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
