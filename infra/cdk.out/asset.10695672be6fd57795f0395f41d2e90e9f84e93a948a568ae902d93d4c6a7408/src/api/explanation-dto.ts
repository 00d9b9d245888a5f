import { APPLICATION_MEMBERS, type Counterfactual, type Explanation } from '../decisions/index.ts';
import type { Explanation as ExplanationDto } from './contract.ts';

export function explanationDto(explanation: Explanation): ExplanationDto {
  return {
    ...explanation,
    paragraphs: [...explanation.paragraphs],
    factors: [...explanation.factors],
    attributions: explanation.attributions.map((one) => ({ ...one, features: [...one.features] })),
    faults: [...explanation.faults],
    counterfactuals: explanation.counterfactuals.map(counterfactualDto),
  };
}

type CounterfactualDto = ExplanationDto['counterfactuals'][number];

function counterfactualDto(found: Counterfactual & { readonly text: string }): CounterfactualDto {
  const { text, outcome, pd, score, grade, changes, columns } = found;
  const moved = new Set(changes.flatMap(({ lever }) => ('column' in lever.on ? [lever.on.column] : [])));
  return {
    text,
    changes: changes.map(({ lever, from, to }) => ({
      field: 'column' in lever.on ? fieldOf(lever.on.column) : `feature.${lever.on.feature}`,
      kind: lever.kind,
      from,
      to,
      advice: lever.advice,
      overDays: lever.overDays ?? null,
    })),
    follows: Object.entries(columns)
      .filter(([name]) => !moved.has(name))
      .map(([name, to]) => ({ field: fieldOf(name), to })),
    outcome,
    pd,
    score,
    grade,
  };
}

const fieldOf = (column: string): string => APPLICATION_MEMBERS[column] ?? `attributes.${column}`;
