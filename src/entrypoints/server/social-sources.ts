import type { Portfolio } from '../../domain/index.ts';
import { socialColumnsOf, tablesOf } from '../../features/index.ts';
import type { Environment, HttpSource } from '../../platform/index.ts';
import { openSource } from './external-sources.ts';

const DEADLINE_MS = 500;
const MAX_BYTES = 10_000;

/**
 * Addresses of the platforms whose columns a book has: ASSAY_SOURCE_SOCIAL_<PLATFORM>_URL, on the list ASSAY_SOURCE_HOSTS. A platform
 * without an address is not asked.
 * @throws AssayError bad_input when an address is not usable or its host is not on the list
 */
export function openSocialSources(portfolio: Portfolio, environment: Environment): ReadonlyMap<string, HttpSource> {
  const platforms = new Set(socialColumnsOf(tablesOf(portfolio)).flatMap(({ platform }) => platform ?? []));
  return new Map(
    [...platforms].flatMap((platform): [string, HttpSource][] => {
      const name = `social_${platform}`;
      if ((environment[`ASSAY_SOURCE_${name.toUpperCase()}_URL`] ?? '') === '') return [];
      const source = {
        name,
        table: 'loan_applications',
        mandatory: false,
        deadlineMs: DEADLINE_MS,
        maxBytes: MAX_BYTES,
      };
      return [[platform, openSource(source, environment)]];
    }),
  );
}
