import type { Funnel } from '../../ingestion/index.ts';
import { type Lake, lakeJson } from '../../platform/index.ts';
import type { Alarm } from './alarms.ts';

const FUNNEL_KEY = 'processed/_quality/funnel.json';

export type IntakeTable = { readonly table: string; readonly read: number; readonly rejected: number };

/** Share of rows refused that is worth a look, and that is worth a halt. */
export const WATCH_REJECTED = 0.005;
export const ACT_REJECTED = 0.05;

/** Rows read and refused by table, of the last ingestion. */
export async function readIntake(lake: Lake): Promise<IntakeTable[]> {
  if (!(await lake.exists(FUNNEL_KEY))) return [];
  const funnel = await lakeJson<Funnel>(lake, FUNNEL_KEY);
  return funnel.sources.flatMap(({ rowsRead, tables }) =>
    tables.map(({ table, rejected }) => ({ table, read: rowsRead, rejected })),
  );
}

export function intakeAlarms(tables: readonly IntakeTable[]): Alarm[] {
  return tables.flatMap(({ table, read, rejected }): Alarm[] => {
    const share = read === 0 ? 0 : rejected / read;
    if (share < WATCH_REJECTED) return [];
    return [
      {
        level: share >= ACT_REJECTED ? 'act' : 'watch',
        kind: 'rejects',
        subject: table,
        text: `${rejected} of ${read} rows refused (${(share * 100).toFixed(2)} %)`,
      },
    ];
  });
}
