import { Anchor } from '@mantine/core';
import type { PipelineRunDto } from '../../contract.ts';
import { elapsedMs, formatDuration, formatPercent, formatTime, toWords } from '../../format/index.ts';
import { Bar } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';
import { StatusMark } from './status-mark.tsx';
import { progressOf, STATUS_LABELS, type StepRun } from './step-status.ts';

export function runColumns(
  selected: string | undefined,
  onSelect: (runId: string) => void,
): readonly Column<PipelineRunDto>[] {
  return [
    {
      key: 'startedAt',
      title: 'Started',
      value: (row) => row.startedAt,
      cell: (row) => (
        <Anchor
          component="button"
          type="button"
          size="sm"
          className="nowrap"
          fw={row.runId === selected ? 700 : 400}
          aria-current={row.runId === selected ? 'true' : undefined}
          onClick={() => onSelect(row.runId)}
        >
          {formatTime(row.startedAt)}
        </Anchor>
      ),
    },
    {
      key: 'status',
      title: 'Status',
      value: (row) => row.status,
      cell: (row) => <StatusMark status={row.status}>{STATUS_LABELS[row.status]}</StatusMark>,
    },
    {
      key: 'duration',
      title: 'Took',
      align: 'right',
      value: (row) => elapsedMs(row.startedAt, row.finishedAt, Date.now()),
      cell: (row) => formatDuration(elapsedMs(row.startedAt, row.finishedAt, Date.now())),
    },
    { key: 'trigger', title: 'Trigger', value: (row) => toWords(row.trigger) },
    {
      key: 'runId',
      title: 'Run',
      value: (row) => row.runId,
      cell: (row) => (
        <span className="mono nowrap" title={row.runId}>
          {row.runId.slice(0, 8)}
        </span>
      ),
    },
  ];
}

/** @param now for steps that have not ended */
export function stepColumns(now: number): readonly Column<StepRun>[] {
  const took = (row: StepRun) => elapsedMs(row.startedAt, row.finishedAt, now);
  return [
    {
      key: 'position',
      title: 'Step',
      value: (row) => (row.item === '' ? toWords(row.step) : `${toWords(row.step)}: ${row.item}`),
      cell: (row) => (
        <span className="nowrap">
          {toWords(row.step)}
          {row.item === '' ? null : <span className="muted"> · {row.item}</span>}
        </span>
      ),
      sortable: false,
    },
    {
      key: 'status',
      title: 'Status',
      value: (row) => row.status,
      cell: (row) => (
        <StatusMark status={row.status}>
          {STATUS_LABELS[row.status]}
          {row.attempt > 1 ? ` (attempt ${row.attempt})` : ''}
        </StatusMark>
      ),
    },
    {
      key: 'progress',
      title: 'Progress',
      align: 'right',
      value: progressOf,
      cell: (row) => {
        const share = progressOf(row);
        if (row.status !== 'running' || share === null) return null;
        return <Bar share={share} text={formatPercent(share, 0)} />;
      },
    },
    { key: 'took', title: 'Took', align: 'right', value: took, cell: (row) => formatDuration(took(row)) },
    {
      key: 'note',
      title: 'Note',

      sortable: false,
      value: noteOf,
      cell: (row) => <span className={row.error === null ? 'muted' : undefined}>{noteOf(row)}</span>,
    },
  ];
}

/** What a step says while it runs is stale once it has ended; what went wrong is not. */
function noteOf(row: StepRun): string | null {
  return row.error ?? (row.status === 'succeeded' || row.status === 'reused' ? null : row.note);
}
