import type { DriftDto } from '../../api/index.ts';
import type { Portfolio } from '../../domain/index.ts';
import { readBookDrift } from '../../monitoring/index.ts';
import { type Lake, openWarehouse } from '../../platform/index.ts';
import { MARTS_MANIFEST_KEY } from '../../portfolio/index.ts';

/** Memory for reading the features of one book. */
const DRIFT_MEMORY = '1GB';

/** Drift of a served book: computed on first demand in a warehouse of its own, kept until the marts are built anew. */
export function openBookDrift(source: {
  readonly lake: Lake;
  readonly portfolio: Portfolio;
  readonly nthread: number;
}) {
  let kept: { readonly stamp: string; readonly drift: Promise<DriftDto> } | undefined;
  return async (): Promise<DriftDto> => {
    const { lake } = source;
    if (!(await lake.exists(MARTS_MANIFEST_KEY))) return { state: 'empty', drift: null };
    const stamp = Buffer.from(await lake.get(MARTS_MANIFEST_KEY)).toString('utf8');
    if (kept?.stamp !== stamp) {
      const drift = compute(source);
      kept = { stamp, drift };
      drift.catch(() => {
        if (kept?.drift === drift) kept = undefined;
      });
    }
    return kept.drift;
  };
}

async function compute({ lake, portfolio, nthread }: Parameters<typeof openBookDrift>[0]): Promise<DriftDto> {
  const warehouse = await openWarehouse({ threads: nthread, memoryLimit: DRIFT_MEMORY });
  try {
    const found = await readBookDrift({ warehouse, lake, portfolio });
    if (found === null) return { state: 'undated', drift: null };
    const { months, features, quarters, alarms } = found;
    return {
      state: 'ready',
      drift: { ...found, months: [...months], features: [...features], quarters: [...quarters], alarms: [...alarms] },
    };
  } finally {
    await warehouse.close();
  }
}
