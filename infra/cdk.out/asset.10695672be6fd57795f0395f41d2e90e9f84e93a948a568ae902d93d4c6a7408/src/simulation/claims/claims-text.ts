import type { DefaultCutFigures, MaybeInterval, PopulationClaims, ReviewFigures } from './judge-population.ts';
import type { RejectBand } from './reject-band.ts';
import type { Claims } from './simulate-claims.ts';

const percent = (value: number): string => (value * 100).toFixed(1);
const percentInterval = (interval: MaybeInterval): string =>
  interval === null
    ? 'not defined'
    : `${percent(interval.value)} % (${percent(interval.lower)} to ${percent(interval.upper)})`;
const plainInterval = (interval: MaybeInterval): string =>
  interval === null
    ? 'not defined'
    : `${interval.value.toFixed(2)} (${interval.lower.toFixed(2)} to ${interval.upper.toFixed(2)})`;

/** What `assay simulate` prints: both claims for each population, what would break them, and the band on the declined. */
export function claimsText(claims: Claims): string {
  const { title, estimator, incumbent, draws, seed } = claims;
  return [
    `${title}: ${estimator} against the incumbent: ${incumbent.title}`,
    `  (${incumbent.source})`,
    `95 % intervals from ${draws} bootstrap draws, seed ${seed}; thresholds set on one half of the applicants, judged on the other`,
    ...claims.populations.flatMap((population) => ['', ...populationLines(population)]),
    '',
    ...bandLines(claims.rejectInference),
  ].join('\n');
}

function populationLines(found: PopulationClaims): string[] {
  const { applicants, defaults, badRate, aucModel, aucIncumbent } = found;
  return [
    `${found.population.replaceAll('_', ' ').toUpperCase()}: ${found.description}`,
    `  ${applicants} applicants, ${defaults} defaults (${percent(badRate)} %); AUC model ${aucModel.toFixed(4)}, incumbent ${aucIncumbent.toFixed(4)}`,
    '',
    '  1. Default cut at equal approvals: 1 - bad rate (model) / bad rate (incumbent)',
    ...found.headline.map(headlineLine),
    '     against approving all:',
    ...found.curve.filter(isRoundShare).map(curveLine),
    `     declined share for a 25 % cut against approving all: ${percentInterval(found.declinedShareFor25)}`,
    '',
    `  2. Review share at equal risk; the incumbent approves ${percent(found.threeWay.approved)} % and declines ${percent(found.threeWay.declined)} % by itself, and refers the rest`,
    ...found.review.flatMap(reviewLines),
    '',
    '  What would break them',
    ...breakLines(found),
  ];
}

function headlineLine({ approvedShare, cut, modelBadRate, incumbentBadRate }: DefaultCutFigures): string {
  return `     at ${percent(approvedShare)} % approved: ${percentInterval(cut)}; bad rate ${percentInterval(incumbentBadRate)} -> ${percentInterval(modelBadRate)}`;
}

/** 90, 80 and 70 % approved: declining 10, 20 and 30 %. */
function isRoundShare({ approvedShare }: DefaultCutFigures): boolean {
  return [0.9, 0.8, 0.7].some((share) => Math.abs(share - approvedShare) < 1e-9);
}

function curveLine({ approvedShare, cutAgainstAll }: DefaultCutFigures): string {
  return `       declining ${percent(1 - approvedShare)} %: ${percentInterval(cutAgainstAll)}`;
}

function reviewLines(review: ReviewFigures): string[] {
  const { approved, declined } = review;
  return [
    `     ${review.form}: referred ${percentInterval(review.referredBefore)} -> ${percentInterval(review.referredAfter)}: ${percentInterval(review.reduction)} fewer`,
    `       auto-approved ${percentInterval(approved.shareBefore)} -> ${percentInterval(approved.shareAfter)}, bad rate change ${percentInterval(approved.badRateChange)}`,
    `       auto-declined ${percentInterval(declined.shareBefore)} -> ${percentInterval(declined.shareAfter)}, bad rate change ${percentInterval(declined.badRateChange)}`,
    ...review.reviewers.map(
      ({ quality, badRateBefore, badRateAfter, shareBefore, shareAfter }) =>
        `       reviewers ${quality.padEnd(9)}: book ${percentInterval(shareBefore)} -> ${percentInterval(shareAfter)} of applicants, bad rate ${percentInterval(badRateBefore)} -> ${percentInterval(badRateAfter)}`,
    ),
  ];
}

function breakLines({ swap, review }: PopulationClaims): string[] {
  return [
    `     1: at ${percent(swap.approvedShare)} % approved the two swap ${percentInterval(swap.swappedShare)} of the applicants: in at a bad rate of ${percentInterval(swap.swappedInBadRate)}, out at ${percentInterval(swap.swappedOutBadRate)};`,
    `        the cut is gone when those swapped in default ${plainInterval(swap.breakEvenFactor)} times as often as measured`,
    ...review.map(
      ({ form, breakEvenAccuracy }) =>
        `     2 ${form}: ${
          breakEvenAccuracy === null
            ? 'no accuracy of the reviewers between a coin and perfect makes the book as risky as before'
            : `the book gets riskier than before when reviewers are right about more than ${percentInterval(breakEvenAccuracy)} of the files`
        }`,
    ),
  ];
}

function bandLines(band: RejectBand | null): string[] {
  if (band === null)
    return ['THE DECLINED: this book holds nobody the incumbent declined, so nothing is said about them.'];
  const { assumed, widest } = band;
  const range = (lower: MaybeInterval, upper: MaybeInterval): string =>
    `${lower === null ? 'not defined' : percent(lower.value)} to ${upper === null ? 'not defined' : percent(upper.value)} %`;
  return [
    `THE DECLINED: cut at the incumbent's own ${percent(band.approvedShare)} % approved, ${band.declined} of ${band.applicants} applicants without an outcome because it declined them`,
    `  assuming nothing (all or none of them default): ${range(widest.lower, widest.upper)}`,
    `  assuming 1 to ${assumed.oddsFactor} times the odds the model gives them: ${range(assumed.lower, assumed.upper)}`,
    ...(band.truth === null
      ? []
      : [`  the truth, known because the book is simulated: ${percentInterval(band.truth)}`]),
  ];
}
