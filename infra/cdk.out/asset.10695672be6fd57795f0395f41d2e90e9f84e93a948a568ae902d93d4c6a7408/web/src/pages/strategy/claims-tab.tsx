import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ClaimsDto, PopulationClaimsDto } from '../../contract.ts';
import { formatCount, formatDecimal, formatPercent } from '../../format/index.ts';
import { Facts, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useClaims } from '../../queries/claims.ts';
import { EmptyState, Loaded, NoBook } from '../../states/index.ts';
import { ClaimsChart } from './claims-chart.tsx';
import classes from './claims-tab.module.css';
import { CutTable, ReviewersTable, ReviewTable } from './claims-tables.tsx';
import { intervalText, percentInterval } from './interval-text.ts';

type Claims = NonNullable<ClaimsDto['claims']>;

const POPULATION_LABELS: Readonly<Record<PopulationClaimsDto['population'], string>> = {
  truth: 'All applicants, by the truth',
  out_of_time: 'Out of time',
  out_of_fold: 'Out of fold',
};

export function ClaimsTab() {
  const claims = useClaims();
  return (
    <Loaded query={claims} subject="the outcome claims" empty={emptyOf}>
      {(data) => (data.claims === null ? null : <Figures claims={data.claims} />)}
    </Loaded>
  );
}

function emptyOf({ state }: ClaimsDto) {
  if (state === 'empty') return <NoBook />;
  if (state === 'no_incumbent')
    return (
      <EmptyState title="No incumbent rule to compare with">
        Write the rule you decide by today as “incumbent” in the portfolio, and this page measures the model against it.
      </EmptyState>
    );
  if (state === 'too_few')
    return <EmptyState title="Too few known outcomes">A claim needs 400 applications with 40 defaults.</EmptyState>;
  return null;
}

function Figures({ claims }: { readonly claims: Claims }) {
  const search = useSearch({ from: '/app/strategy' });
  const navigate = useNavigate({ from: '/strategy' });
  const chosen = claims.populations.find(({ population }) => population === search.population) ?? claims.populations[0];
  if (chosen === undefined) return null;
  return (
    <>
      <Panel
        note={`${claims.draws} bootstrap draws, seed ${claims.seed}: 95 % intervals. Thresholds are set on one half of the applicants and judged on the other.`}
      >
        <Facts
          facts={[
            ['Incumbent', claims.incumbent.title],
            ['Stated in', claims.incumbent.source],
            ['Model', claims.estimator],
            [
              'Applicants',
              `${formatCount(chosen.applicants)}, ${formatCount(chosen.defaults)} defaults (${formatPercent(chosen.badRate)})`,
            ],
            [
              'AUC, model and incumbent',
              `${formatDecimal(chosen.aucModel, 4)} and ${formatDecimal(chosen.aucIncumbent, 4)}`,
            ],
            ['Judged on', chosen.description],
          ]}
        />
        <SegmentedControl
          size="xs"
          mt="sm"
          maw="100%"
          className={classes['scrolls']}
          aria-label="Judged on"
          data={claims.populations.map(({ population }) => ({
            value: population,
            label: POPULATION_LABELS[population],
          }))}
          value={chosen.population}
          onChange={(population) =>
            void navigate({
              search: (before) => ({
                ...before,
                population: claims.populations.find((one) => one.population === population)?.population,
              }),
            })
          }
        />
      </Panel>
      <Headline found={chosen} />
      <Row columns={2}>
        <Panel>
          <ClaimsChart found={chosen} />
        </Panel>
        <Panel>
          <CutTable found={chosen} />
        </Panel>
      </Row>
      <Panel
        note={`The incumbent approves ${formatPercent(chosen.threeWay.approved, 0)} and declines ${formatPercent(chosen.threeWay.declined, 0)} without a person. Loose: the model's books are no worse as a whole. Strict: no slice of 5 % the model adds is worse than the last slice the incumbent decides.`}
      >
        <ReviewTable found={chosen} />
      </Panel>
      <Panel note="Perfect reviewers know the outcome; the incumbent's approve the safer half by its order; a coin approves half, whoever it is.">
        <ReviewersTable found={chosen} />
      </Panel>
      <Breaks found={chosen} band={claims.rejectInference} />
    </>
  );
}

function Headline({ found }: { readonly found: PopulationClaimsDto }) {
  return (
    <Tiles>
      {byShare(found.headline).map(({ approvedShare, cut }) => (
        <Tile
          key={approvedShare}
          dataKey={`cut-${Math.round(approvedShare * 1000)}`}
          title={`Default cut at ${formatPercent(approvedShare, 1)} approved`}
          value={formatPercent(cut?.value, 1)}
          note={intervalText(cut)}
          definition="1 - bad rate of the model / bad rate of the incumbent, both approving this share."
        />
      ))}
      {found.review.map(({ form, reduction }) => (
        <Tile
          key={form}
          dataKey={`review-${form}`}
          title={`Fewer reviews, ${form}`}
          value={formatPercent(reduction?.value, 1)}
          note={intervalText(reduction)}
          definition="1 - referred share with the model / referred share of the incumbent, at equal risk of what is decided without a person."
        />
      ))}
    </Tiles>
  );
}

function byShare(headline: PopulationClaimsDto['headline']): PopulationClaimsDto['headline'] {
  return headline.toSorted((a, b) => b.approvedShare - a.approvedShare);
}

type BreaksProps = { readonly found: PopulationClaimsDto; readonly band: Claims['rejectInference'] };

function Breaks({ found, band }: BreaksProps) {
  const { swap, review } = found;
  return (
    <Panel title="What would break them">
      <Facts
        facts={[
          [
            `Swapped at ${formatPercent(swap.approvedShare, 1)} approved`,
            `${percentInterval(swap.swappedShare)} of the applicants; in at ${percentInterval(swap.swappedInBadRate)}, out at ${percentInterval(swap.swappedOutBadRate)}`,
          ],
          [
            'The default cut is gone when',
            swap.breakEvenFactor === null
              ? 'not defined'
              : `those swapped in default ${formatDecimal(swap.breakEvenFactor.value, 2)} times as often as measured (${formatDecimal(swap.breakEvenFactor.lower, 2)} to ${formatDecimal(swap.breakEvenFactor.upper, 2)})`,
          ],
          ...review.map(
            ({ form, breakEvenAccuracy }) =>
              [
                `Fewer reviews, ${form}: riskier than before when`,
                breakEvenAccuracy === null
                  ? 'no accuracy of reviewers between a coin and perfect'
                  : `reviewers are right about more than ${percentInterval(breakEvenAccuracy)} of the files`,
              ] as const,
          ),
          ...(band === null
            ? [['The declined', 'this book holds none, so nothing is said about them'] as const]
            : bandFacts(band)),
        ]}
      />
    </Panel>
  );
}

function bandFacts(band: NonNullable<Claims['rejectInference']>) {
  const range = ({ lower, upper }: { lower: { value: number } | null; upper: { value: number } | null }) =>
    `${formatPercent(lower?.value, 1)} to ${formatPercent(upper?.value, 1)}`;
  return [
    [
      `The declined: cut at the incumbent's own ${formatPercent(band.approvedShare, 1)}`,
      `assuming nothing ${range(band.widest)}; at 1 to ${band.assumed.oddsFactor} times the model's odds ${range(band.assumed)}`,
    ] as const,
    ...(band.truth === null ? [] : [['The truth, known of a simulated book', percentInterval(band.truth)] as const]),
  ];
}
