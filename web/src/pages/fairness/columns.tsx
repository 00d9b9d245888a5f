import type { CandidateDto, FairnessGroups, GroupFairnessDto, IntervalDto } from '../../contract.ts';
import { formatCount, formatDecimal, formatPercent, toWords } from '../../format/index.ts';
import type { Column } from '../../tables/index.ts';

const withBounds = (value: IntervalDto | null, format: (figure: number) => string) =>
  value === null ? (
    <span className="muted">–</span>
  ) : (
    `${format(value.value)} (${format(value.lower)} to ${format(value.upper)})`
  );
/** A tenth of a percent is finer than any of these intervals. */
const percent = (value: number): string => formatPercent(value, 1);
const ratio = (value: number): string => formatDecimal(value, 2);

type Figure =
  | 'approvalRate'
  | 'adverseImpactRatio'
  | 'scoreDifference'
  | 'falseDeclineRate'
  | 'falseApprovalRate'
  | 'auc'
  | 'defaultRate';
type Named = { readonly tooFew: boolean } & { readonly [Name in Figure]: IntervalDto | null };

function figure<Row extends Named>(
  key: Figure,
  title: string,
  format: (value: number) => string,
  hint: string,
): Column<Row> {
  return {
    key,
    title,
    hint,
    align: 'right',
    value: (row) => row[key]?.value ?? null,
    cell: (row) => (row.tooFew ? <span className="muted">too few</span> : withBounds(row[key], format)),
  };
}

function figures<Row extends Named>(): readonly Column<Row>[] {
  return [
    figure('approvalRate', 'Approved', percent, 'Share approved, with its 95 % interval (Wilson).'),
    figure(
      'adverseImpactRatio',
      'Impact ratio',
      ratio,
      'Approval rate over that of the reference group; 0.80 is a screening convention.',
    ),
    figure('falseDeclineRate', 'Good, not approved', percent, 'Of those who repaid, the share not approved.'),
    figure('falseApprovalRate', 'Bad, approved', percent, 'Of those who defaulted, the share approved.'),
  ];
}

export const groupColumns: readonly Column<GroupFairnessDto>[] = [
  {
    key: 'name',
    title: 'Group',
    value: (row) => row.name,
    cell: (row) => (row.isReference ? `${toWords(row.name)} (reference)` : toWords(row.name)),
  },
  {
    key: 'count',
    title: 'Applications',
    align: 'right',
    value: (row) => row.count,
    cell: (row) => formatCount(row.count),
  },
  ...figures<GroupFairnessDto>(),
  figure(
    'scoreDifference',
    'Score difference',
    ratio,
    "Cohen's d of the score against the reference; below 0 = scored riskier.",
  ),
  figure(
    'auc',
    'AUC',
    (value) => formatDecimal(value, 3),
    'How well the score orders this group, with DeLong’s interval.',
  ),
  figure('defaultRate', 'Default rate', percent, 'Of known outcomes.'),
];

export type CutOffRow = GroupFairnessDto & { readonly cutOff: number };

export const cutOffRows = (groups: FairnessGroups): readonly CutOffRow[] =>
  groups.cutOffs.flatMap(({ cutOff, groups: found }) => found.map((group) => ({ ...group, cutOff })));

export const cutOffColumns: readonly Column<CutOffRow>[] = [
  {
    key: 'cutOff',
    title: 'PD at most',
    align: 'right',
    value: (row) => row.cutOff,
    cell: (row) => formatPercent(row.cutOff),
  },
  { key: 'name', title: 'Group', value: (row) => row.name, cell: (row) => toWords(row.name) },
  ...figures<CutOffRow>(),
];

export type ProxyRow = {
  readonly group: string;
  readonly feature: string;
  readonly auc: IntervalDto;
  readonly isProxy: boolean;
};

export const proxyColumns: readonly Column<ProxyRow>[] = [
  { key: 'group', title: 'Group', value: (row) => row.group, cell: (row) => toWords(row.group) },
  { key: 'feature', title: 'Feature', value: (row) => row.feature },
  {
    key: 'auc',
    title: 'AUC of the trait',
    align: 'right',
    hint: 'How well this feature alone tells who is of the group; 0.5 = not at all.',
    value: (row) => row.auc.value,
    cell: (row) => withBounds(row.auc, (value) => formatDecimal(value, 3)),
  },
  { key: 'isProxy', title: 'Flagged', value: (row) => (row.isProxy ? 'proxy' : '') },
];

export const candidateColumns: readonly Column<CandidateDto>[] = [
  { key: 'id', title: 'Alternative', value: (row) => row.id },
  { key: 'what', title: 'What was done', wide: true, value: (row) => row.what },
  { key: 'usesTrait', title: 'Fitting saw the trait', value: (row) => (row.usesTraitInFitting ? 'yes' : 'no') },
  {
    key: 'auc',
    title: 'AUC',
    align: 'right',
    value: (row) => row.auc.value,
    cell: (row) => withBounds(row.auc, (value) => formatDecimal(value, 4)),
  },
  {
    key: 'air',
    title: 'Lowest impact ratio',
    align: 'right',
    value: (row) => row.adverseImpactRatio?.value ?? null,
    cell: (row) => withBounds(row.adverseImpactRatio, ratio),
  },
  { key: 'group', title: 'Of group', value: (row) => row.group },
  { key: 'onFrontier', title: 'Frontier', value: (row) => (row.onFrontier ? 'yes' : '') },
];
