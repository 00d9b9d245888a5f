import type { ClaimsDto } from '../../api/index.ts';
import { AssayError, type Portfolio } from '../../domain/index.ts';
import { type Lake, openWarehouse } from '../../platform/index.ts';
import { MARTS_MANIFEST_KEY } from '../../portfolio/index.ts';
import { simulateClaims } from '../../simulation/index.ts';

/** Memory for reading one book's predictions. */
const CLAIMS_MEMORY = '1GB';

/**
 * The outcome claims of a served book: computed on first demand, in a warehouse of its own so that no page waits for it, and kept
 * until the marts are built anew. A failure is not kept.
 */
export function openBookClaims(source: {
  readonly lake: Lake;
  readonly portfolio: Portfolio;
  readonly nthread: number;
}) {
  let kept: { readonly stamp: string; readonly claims: Promise<ClaimsDto> } | undefined;
  return async (): Promise<ClaimsDto> => {
    const { lake, portfolio } = source;
    if (!portfolio.incumbent) return { state: 'no_incumbent', claims: null };
    if (!(await lake.exists(MARTS_MANIFEST_KEY))) return { state: 'empty', claims: null };
    const stamp = Buffer.from(await lake.get(MARTS_MANIFEST_KEY)).toString('utf8');
    if (kept?.stamp !== stamp) {
      const claims = compute(source);
      kept = { stamp, claims };
      claims.catch(() => {
        if (kept?.claims === claims) kept = undefined;
      });
    }
    return kept.claims;
  };
}

async function compute({ lake, portfolio, nthread }: Parameters<typeof openBookClaims>[0]): Promise<ClaimsDto> {
  const warehouse = await openWarehouse({ threads: nthread, memoryLimit: CLAIMS_MEMORY });
  try {
    const { populations, ...claims } = await simulateClaims({ warehouse, lake, portfolio });
    return { state: 'ready', claims: { ...claims, populations: populations.map(withPlainLists) } };
  } catch (error) {
    if (error instanceof AssayError && error.code === 'bad_input') return { state: 'too_few', claims: null };
    throw error;
  } finally {
    await warehouse.close();
  }
}

type Claims = Awaited<ReturnType<typeof simulateClaims>>;
type PopulationDto = NonNullable<ClaimsDto['claims']>['populations'][number];

function withPlainLists(found: Claims['populations'][number]): PopulationDto {
  return {
    ...found,
    headline: [...found.headline],
    curve: [...found.curve],
    review: found.review.map((review) => ({ ...review, reviewers: [...review.reviewers] })),
  };
}
