import type { IntervalDto, PopulationClaimsDto } from '../../contract.ts';
import { formatPercent } from '../../format/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { percentInterval } from './interval-text.ts';

type Cut = PopulationClaimsDto['curve'][number];
type Review = PopulationClaimsDto['review'][number];

function intervalColumn<Row>(
  key: string,
  title: string,
  of: (row: Row) => IntervalDto | null,
  hint?: string,
): Column<Row> {
  return {
    key,
    title,
    align: 'right',
    value: (row) => of(row)?.value ?? null,
    cell: (row) => percentInterval(of(row)),
    ...(hint === undefined ? {} : { hint }),
  };
}

const CUT_COLUMNS: readonly Column<Cut>[] = [
  {
    key: 'approved',
    title: 'Approved',
    align: 'right',
    value: (row) => row.approvedShare,
    cell: (row) => formatPercent(row.approvedShare, 0),
  },
  intervalColumn('incumbent', 'Bad rate, incumbent', (row) => row.incumbentBadRate),
  intervalColumn('model', 'Bad rate, model', (row) => row.modelBadRate),
  intervalColumn('cut', 'Cut', (row) => row.cut, '1 - bad rate of the model / bad rate of the incumbent.'),
  intervalColumn('cutAgainstAll', 'Against approving all', (row) => row.cutAgainstAll),
];

export function CutTable({ found }: { readonly found: PopulationClaimsDto }) {
  return (
    <DataTable
      title="Default cut by approval share"
      subtitle={`A 25 % cut against approving all takes declining ${percentInterval(found.declinedShareFor25)}`}
      columns={CUT_COLUMNS}
      rows={found.curve}
      rowKey={(row) => String(row.approvedShare)}
      maxHeight={320}
    />
  );
}

const REVIEW_COLUMNS: readonly Column<Review>[] = [
  { key: 'form', title: 'Form', value: (row) => row.form },
  intervalColumn('before', 'Referred before', (row) => row.referredBefore),
  intervalColumn('after', 'after', (row) => row.referredAfter),
  intervalColumn('reduction', 'Fewer', (row) => row.reduction),
  intervalColumn('approved', 'Auto-approved after', (row) => row.approved.shareAfter),
  intervalColumn(
    'approvedChange',
    'Change of its bad rate',
    (row) => row.approved.badRateChange,
    'Judged on the other half: at most 0 when the claim holds.',
  ),
  intervalColumn('declined', 'Auto-declined after', (row) => row.declined.shareAfter),
  intervalColumn(
    'declinedChange',
    'Change of its bad rate',
    (row) => row.declined.badRateChange,
    'At least 0 when the claim holds.',
  ),
];

export function ReviewTable({ found }: { readonly found: PopulationClaimsDto }) {
  return (
    <DataTable
      title="Review share at equal risk"
      columns={REVIEW_COLUMNS}
      rows={found.review}
      rowKey={(row) => row.form}
    />
  );
}

type ReviewerRow = Review['reviewers'][number] & { readonly form: Review['form'] };

const REVIEWER_COLUMNS: readonly Column<ReviewerRow>[] = [
  { key: 'form', title: 'Form', value: (row) => row.form },
  { key: 'quality', title: 'Reviewers', value: (row) => row.quality },
  intervalColumn('shareBefore', 'Approved in the end, before', (row) => row.shareBefore),
  intervalColumn('shareAfter', 'after', (row) => row.shareAfter),
  intervalColumn('rateBefore', 'Bad rate before', (row) => row.badRateBefore),
  intervalColumn('rateAfter', 'after', (row) => row.badRateAfter),
  intervalColumn('change', 'Change', (row) => row.badRateChange),
];

export function ReviewersTable({ found }: { readonly found: PopulationClaimsDto }) {
  const rows = found.review.flatMap(({ form, reviewers }) => reviewers.map((one) => ({ form, ...one })));
  return (
    <DataTable
      title="The whole book, by the quality of reviewers"
      columns={REVIEWER_COLUMNS}
      rows={rows}
      rowKey={(row) => `${row.form}/${row.quality}`}
    />
  );
}
