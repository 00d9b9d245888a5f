import type { PipelineEvent } from '../../pipeline/index.ts';
import type { Clock } from '../../platform/index.ts';

const BAR_CELLS = 24;
const REDRAW_EVERY_MS = 80;

export type ProgressOutput = {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly clock: Clock;
};

/**
 * Shows a pipeline run: on a terminal a bar for the step under way, redrawn in place; anywhere else only a line for each
 * step that ended.
 */
export function pipelineProgress(output: ProgressOutput): (event: PipelineEvent) => void {
  const startedMs = new Map<string, number>();
  let drawnMs = 0;
  return (event) => {
    const nowMs = output.clock.now().getTime();
    const key = `${event.step}/${event.item}`;
    if (!startedMs.has(key)) startedMs.set(key, nowMs);
    if (event.status === 'running') {
      if (!output.isTerminal || nowMs - drawnMs < REDRAW_EVERY_MS) return;
      drawnMs = nowMs;
      output.write(`\r\x1b[2K${barLine(event)}`);
      return;
    }
    const seconds = ((nowMs - startedMs.get(key)!) / 1000).toFixed(1);
    output.write(`${output.isTerminal ? '\r\x1b[2K' : ''}${endLine(event, seconds)}\n`);
  };
}

function barLine(event: PipelineEvent): string {
  const share = event.total > 0 ? Math.min(1, event.done / event.total) : 0;
  const filled = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
  return `  ${labelOf(event)} ${bar} ${String(Math.round(share * 100)).padStart(3)} %${event.note ? `  ${event.note}` : ''}`;
}

const MARKS: Readonly<Record<PipelineEvent['status'], string>> = {
  pending: '·',
  running: '·',
  succeeded: '✓',
  reused: '=',
  failed: '✗',
  cancelled: '–',
  interrupted: '–',
};

function endLine(event: PipelineEvent, seconds: string): string {
  const detail = event.status === 'reused' ? 'unchanged' : `${seconds} s`;
  return `${MARKS[event.status]} ${labelOf(event)} ${detail}${event.status === 'failed' ? `  ${event.note ?? ''}` : ''}`;
}

function labelOf(event: PipelineEvent): string {
  return (event.item ? `${event.title}: ${event.item}` : event.title).padEnd(34);
}
