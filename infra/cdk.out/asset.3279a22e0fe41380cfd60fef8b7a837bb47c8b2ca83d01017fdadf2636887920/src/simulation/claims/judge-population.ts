import type { Interval, ThreeWayShares } from '../../domain/index.ts';
import { auc } from '../../training/index.ts';
import { APPROVAL_SHARES, type CutAtShare, type DrawCounts, declinedShareFor, defaultCutAt } from './default-cut.ts';
import { DrawnFigures, type DrawOptions, forEachDraw } from './draws.ts';
import { drawHalves, type Halves } from './halves.ts';
import { approvedShareOf, POPULATION_TEXT, type Population, type PopulationKind } from './populations.ts';
import { badRate, countGroups, cutAtShare, emptyCounts, plus, type Ranking, rankRows, type Tally } from './ranking.ts';
import {
  modelThreeWay,
  type ReviewForm,
  type ThreeWay,
  type ThreeWayTally,
  tallyThreeWay,
  threeWayAtShares,
} from './review-share.ts';
import { bookAfterReview, breakEvenAccuracy, REVIEWERS, type Reviewers } from './reviewers.ts';
import { breakEvenFactor, type SwapSet, swapSet } from './swap-set.ts';

export type MaybeInterval = Interval | null;

export type DefaultCutFigures = {
  readonly approvedShare: number;
  readonly modelBadRate: MaybeInterval;
  readonly incumbentBadRate: MaybeInterval;
  readonly cut: MaybeInterval;
  readonly cutAgainstAll: MaybeInterval;
};

export type ReviewFigures = {
  readonly form: ReviewForm;
  readonly referredBefore: MaybeInterval;
  readonly referredAfter: MaybeInterval;
  /** 1 - referred after / referred before. */
  readonly reduction: MaybeInterval;
  /** Auto-approved: share of applicants and bad rate, before and after, on the judged halves. */
  readonly approved: BeforeAfter;
  readonly declined: BeforeAfter;
  readonly reviewers: readonly (BeforeAfter & { readonly quality: Reviewers })[];
  /** Reviewers right more often than this about a file lose by the change; null: no such point between a coin and perfect. */
  readonly breakEvenAccuracy: MaybeInterval;
};

export type BeforeAfter = {
  readonly shareBefore: MaybeInterval;
  readonly shareAfter: MaybeInterval;
  readonly badRateBefore: MaybeInterval;
  readonly badRateAfter: MaybeInterval;
  /** After minus before. */
  readonly badRateChange: MaybeInterval;
};

export type PopulationClaims = {
  readonly population: PopulationKind;
  readonly description: string;
  readonly applicants: number;
  readonly defaults: number;
  readonly badRate: number;
  readonly aucModel: number;
  readonly aucIncumbent: number;
  /** At 80 %, 70 % and, where the book says it, the incumbent's own approval share. */
  readonly headline: readonly DefaultCutFigures[];
  readonly curve: readonly DefaultCutFigures[];
  /** Smallest declined share for a 25 % cut against approving all. */
  readonly declinedShareFor25: MaybeInterval;
  readonly threeWay: ThreeWayShares;
  readonly review: readonly ReviewFigures[];
  readonly swap: {
    readonly approvedShare: number;
    readonly swappedShare: MaybeInterval;
    readonly swappedInBadRate: MaybeInterval;
    readonly swappedOutBadRate: MaybeInterval;
    /** Times more often than measured the swapped-in may default before the cut is gone. */
    readonly breakEvenFactor: MaybeInterval;
  };
};

const HEADLINE_SHARES = [0.8, 0.7] as const;
const WANTED_CUT = 0.25;
/** Every tenth point of the curve is reported: 5 % of approvals. */
const CURVE_STEP = 10;
const FORMS: readonly ReviewForm[] = ['loose', 'strict'];

type Orders = { readonly model: Ranking; readonly incumbent: Ranking };
type Setting = { readonly orders: Orders; readonly counts: DrawCounts; readonly population: Population };

/** Both outcome claims on one population, every figure with its bootstrap interval. */
export async function judgePopulation(
  population: Population,
  threeWay: ThreeWayShares,
  options: DrawOptions,
): Promise<PopulationClaims> {
  const orders = { model: rankRows(population.pd), incumbent: rankRows(population.incumbent) };
  const empty = () => ({ model: emptyCounts(orders.model), incumbent: emptyCounts(orders.incumbent) });
  const setting: Setting = { orders, population, counts: { setting: empty(), judging: empty() } };
  const own = approvedShareOf(population);
  const headline = [...HEADLINE_SHARES, ...(own === undefined ? [] : [own])];
  const swapShare = own ?? 0.7;
  const figures = new DrawnFigures(options.draws);
  await forEachDraw(options, (draw) => {
    const halves = drawHalves(population.bad.length, options.seed, draw);
    count(setting, halves);
    judgeDefaultCut(setting, figures, draw, headline);
    for (const form of FORMS) judgeReview(setting, halves, figures, draw, form, threeWay);
    judgeSwap(setting, halves, figures, draw, swapShare);
  });
  return report(population, figures, { headline, threeWay, swapShare });
}

function count({ orders, counts, population }: Setting, halves: Halves): void {
  for (const half of ['setting', 'judging'] as const) {
    for (const order of ['model', 'incumbent'] as const)
      countGroups(orders[order], halves[half], population.bad, counts[half][order]);
  }
}

function judgeDefaultCut({ counts }: Setting, figures: DrawnFigures, draw: number, headline: readonly number[]): void {
  const keep = (name: string, found: CutAtShare): void => {
    figures.set(`${name} model`, draw, found.model);
    figures.set(`${name} incumbent`, draw, found.incumbent);
    figures.set(`${name} cut`, draw, found.cut);
    figures.set(`${name} cutAgainstAll`, draw, found.cutAgainstAll);
  };
  for (const share of headline) keep(`at ${share}`, defaultCutAt(counts, share));
  const curve = APPROVAL_SHARES.map((share) => defaultCutAt(counts, share));
  curve.forEach((found, i) => {
    if (i % CURVE_STEP === 0) keep(`at ${APPROVAL_SHARES[i]}`, found);
  });
  figures.set('declinedShareFor25', draw, declinedShareFor(curve, WANTED_CUT));
}

type Judged = {
  before: ThreeWayTally;
  after: ThreeWayTally;
  books: Record<Reviewers, { before: Tally; after: Tally }>;
};

function judgeReview(
  setting: Setting,
  halves: Halves,
  figures: DrawnFigures,
  draw: number,
  form: ReviewForm,
  shares: ThreeWayShares,
): void {
  const [first, second] = [
    judgeHalf(setting, halves.judging, 'judging', form, shares),
    judgeHalf(setting, halves.setting, 'setting', form, shares),
  ];
  const before = addThreeWay(first.before, second.before);
  const after = addThreeWay(first.after, second.after);
  const all = setting.population.bad.length;
  figures.set(`${form} referredBefore`, draw, before.referred.rows / all);
  figures.set(`${form} referredAfter`, draw, after.referred.rows / all);
  figures.set(`${form} reduction`, draw, 1 - after.referred.rows / before.referred.rows);
  figures.set(`${form} breakEvenAccuracy`, draw, breakEvenAccuracy(before, after));
  keepBeforeAfter(figures, `${form} approved`, draw, before.approved, after.approved, all);
  keepBeforeAfter(figures, `${form} declined`, draw, before.declined, after.declined, all);
  for (const quality of REVIEWERS) {
    const [old, changed] = (['before', 'after'] as const).map((when) =>
      plus(first.books[quality][when], second.books[quality][when]),
    );
    keepBeforeAfter(figures, `${form} ${quality}`, draw, old!, changed!, all);
  }
}

/** Thresholds from the other half, judged on this one. */
function judgeHalf(
  { orders, counts, population }: Setting,
  weights: Uint16Array,
  judged: 'setting' | 'judging',
  form: ReviewForm,
  shares: ThreeWayShares,
): Judged {
  const from = counts[judged === 'judging' ? 'setting' : 'judging'];
  const on = counts[judged];
  const old = threeWayAtShares(from.incumbent, shares);
  const changed = modelThreeWay(form, from.model, from.incumbent, shares);
  const before = tallyThreeWay(on.incumbent, old);
  const after = tallyThreeWay(on.model, changed);
  const files = (policy: ThreeWay, ranking: Ranking) => ({
    policy,
    ranking,
    incumbentOrder: orders.incumbent.order,
    weights,
    bad: population.bad,
  });
  const book = (quality: Reviewers) => ({
    before: bookAfterReview(quality, before, files(old, orders.incumbent)),
    after: bookAfterReview(quality, after, files(changed, orders.model)),
  });
  return {
    before,
    after,
    books: { perfect: book('perfect'), incumbent: book('incumbent'), coin: book('coin') },
  };
}

function addThreeWay(a: ThreeWayTally, b: ThreeWayTally): ThreeWayTally {
  return {
    approved: plus(a.approved, b.approved),
    referred: plus(a.referred, b.referred),
    declined: plus(a.declined, b.declined),
  };
}

function keepBeforeAfter(
  figures: DrawnFigures,
  name: string,
  draw: number,
  before: Tally,
  after: Tally,
  all: number,
): void {
  figures.set(`${name} shareBefore`, draw, before.rows / all);
  figures.set(`${name} shareAfter`, draw, after.rows / all);
  figures.set(`${name} badRateBefore`, draw, badRate(before));
  figures.set(`${name} badRateAfter`, draw, badRate(after));
  figures.set(`${name} badRateChange`, draw, badRate(after) - badRate(before));
}

function judgeSwap(
  { orders, counts, population }: Setting,
  halves: Halves,
  figures: DrawnFigures,
  draw: number,
  share: number,
): void {
  const on = (judged: 'setting' | 'judging'): SwapSet => {
    const from = counts[judged === 'judging' ? 'setting' : 'judging'];
    const side = (order: 'model' | 'incumbent') => ({ ranking: orders[order], cut: cutAtShare(from[order], share) });
    return swapSet(side('model'), side('incumbent'), { weights: halves[judged], bad: population.bad });
  };
  const [first, second] = [on('judging'), on('setting')];
  const swapped = {
    both: plus(first.both, second.both),
    swappedIn: plus(first.swappedIn, second.swappedIn),
    swappedOut: plus(first.swappedOut, second.swappedOut),
    neither: plus(first.neither, second.neither),
  };
  figures.set('swappedShare', draw, swapped.swappedIn.rows / population.bad.length);
  figures.set('swappedInBadRate', draw, badRate(swapped.swappedIn));
  figures.set('swappedOutBadRate', draw, badRate(swapped.swappedOut));
  figures.set('breakEvenFactor', draw, breakEvenFactor(swapped));
}

type Asked = { readonly headline: readonly number[]; readonly threeWay: ThreeWayShares; readonly swapShare: number };

function report(population: Population, figures: DrawnFigures, asked: Asked): PopulationClaims {
  const { bad, kind, pd, incumbent } = population;
  const defaults = bad.reduce((sum, value) => sum + value, 0);
  const cutFigures = (share: number): DefaultCutFigures => ({
    approvedShare: share,
    modelBadRate: figures.interval(`at ${share} model`),
    incumbentBadRate: figures.interval(`at ${share} incumbent`),
    cut: figures.interval(`at ${share} cut`),
    cutAgainstAll: figures.interval(`at ${share} cutAgainstAll`),
  });
  return {
    population: kind,
    description: POPULATION_TEXT[kind],
    applicants: bad.length,
    defaults,
    badRate: defaults / bad.length,
    aucModel: auc({ scores: pd, target: bad }),
    aucIncumbent: auc({ scores: incumbent, target: bad }),
    headline: asked.headline.map(cutFigures),
    curve: APPROVAL_SHARES.filter((_, i) => i % CURVE_STEP === 0).map(cutFigures),
    declinedShareFor25: figures.interval('declinedShareFor25'),
    threeWay: asked.threeWay,
    review: FORMS.map((form) => reviewFigures(figures, form)),
    swap: {
      approvedShare: asked.swapShare,
      swappedShare: figures.interval('swappedShare'),
      swappedInBadRate: figures.interval('swappedInBadRate'),
      swappedOutBadRate: figures.interval('swappedOutBadRate'),
      breakEvenFactor: figures.interval('breakEvenFactor'),
    },
  };
}

function reviewFigures(figures: DrawnFigures, form: ReviewForm): ReviewFigures {
  const beforeAfter = (name: string): BeforeAfter => ({
    shareBefore: figures.interval(`${form} ${name} shareBefore`),
    shareAfter: figures.interval(`${form} ${name} shareAfter`),
    badRateBefore: figures.interval(`${form} ${name} badRateBefore`),
    badRateAfter: figures.interval(`${form} ${name} badRateAfter`),
    badRateChange: figures.interval(`${form} ${name} badRateChange`),
  });
  return {
    form,
    referredBefore: figures.interval(`${form} referredBefore`),
    referredAfter: figures.interval(`${form} referredAfter`),
    reduction: figures.interval(`${form} reduction`),
    approved: beforeAfter('approved'),
    declined: beforeAfter('declined'),
    reviewers: REVIEWERS.map((quality) => ({ quality, ...beforeAfter(quality) })),
    breakEvenAccuracy: figures.interval(`${form} breakEvenAccuracy`),
  };
}
