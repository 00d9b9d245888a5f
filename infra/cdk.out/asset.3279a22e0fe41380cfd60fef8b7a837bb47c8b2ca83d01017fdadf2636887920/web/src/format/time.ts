import { NOTHING } from './number.ts';

/** ISO date of an ISO time: "2026-03-01". */
export function formatDate(iso: string | null | undefined): string {
  return iso ? iso.slice(0, 10) : NOTHING;
}

/** "2026-03-01 14:05 UTC" */
export function formatTime(iso: string | null | undefined): string {
  if (!iso) return NOTHING;
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Milliseconds as "1 h 02 min", "2 min 05 s", "12.3 s" or "340 ms". */
export function formatDuration(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** Between two ISO times, up to `now` when it has not ended; null when it has not begun. */
export function elapsedMs(startedAt: string | null, finishedAt: string | null, now: number): number | null {
  if (startedAt === null) return null;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return Math.max(0, end - Date.parse(startedAt));
}
