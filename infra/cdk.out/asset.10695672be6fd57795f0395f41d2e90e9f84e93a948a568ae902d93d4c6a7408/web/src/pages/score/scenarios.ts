import type { ApplicationField, ScoreResult } from '../../contract.ts';
import type { FormValues } from './form-values.ts';

/** One scored variant of the form; the first one is what the others are compared with. */
export type Scenario = { readonly number: number; readonly values: FormValues; readonly result: ScoreResult };

export type ScenarioRow = Scenario & {
  /** What differs from the first scenario, in words. */
  readonly changes: string;
  readonly scoreChange: number | null;
  readonly pdChange: number | null;
};

export function compareScenarios(
  scenarios: readonly Scenario[],
  fields: readonly ApplicationField[],
): readonly ScenarioRow[] {
  const base = scenarios[0];
  return scenarios.map((scenario) => {
    if (base === undefined || scenario === base)
      return { ...scenario, changes: 'Base', scoreChange: null, pdChange: null };
    return {
      ...scenario,
      changes: describeChanges(base.values, scenario.values, fields),
      scoreChange: scenario.result.score - base.result.score,
      pdChange: scenario.result.pd - base.result.pd,
    };
  });
}

function describeChanges(base: FormValues, other: FormValues, fields: readonly ApplicationField[]): string {
  const changes = fields.flatMap(({ name, title }) => {
    const [before, after] = [base[name] ?? '', other[name] ?? ''];
    return before === after ? [] : [`${title}: ${before || 'empty'} → ${after || 'empty'}`];
  });
  return changes.length === 0 ? 'Nothing' : changes.join('; ');
}
