import { AssayError, type Portfolio } from '../domain/index.ts';
import { checkCatalog } from './check-catalog.ts';
import { tablesOf } from './processed-views.ts';

/**
 * Refuses to make a version the champion that reads social-network data while no evidence is kept with it that the data helps out of
 * sample and that no group loses by it (`liftRefusals` says what that is). No version carries such evidence yet, so none passes: the
 * safe side of a rule whose other half is missing.
 * @param inputs names of the features that the version reads
 * @throws AssayError forbidden naming the features
 */
export function refuseWithoutLift(portfolio: Pick<Portfolio, 'features' | 'sources'>, inputs: readonly string[]): void {
  const closed = socialInputs(portfolio, inputs);
  if (closed.length === 0) return;
  throw new AssayError('forbidden', {
    what: 'this version reads social-network data, and nothing shows that it may be promoted',
    given: closed.join(', '),
    allowed: 'an interval of the lift out of sample above 0, and no group whose impact ratio falls',
    fix: 'promote a version that was trained without these features',
  });
}

export function socialInputs(portfolio: Pick<Portfolio, 'features' | 'sources'>, inputs: readonly string[]): string[] {
  const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
  return features
    .filter(({ dataClass, definition }) => dataClass === 'social_network' && inputs.includes(definition.name))
    .map(({ definition }) => definition.name);
}
