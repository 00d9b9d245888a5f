import { AssayError, type Portfolio } from '../src/domain/index.ts';

/** Every lending book of this installation: its folder, and how to load it. A new book is a new folder and one line here. */
const PORTFOLIOS: Readonly<Record<string, () => Promise<{ default: Portfolio }>>> = {
  'simulated-bank': () => import('./simulated-bank/portfolio.ts'),
  berka: () => import('./berka/portfolio.ts'),
  'give-me-some-credit': () => import('./give-me-some-credit/portfolio.ts'),
  'german-credit': () => import('./german-credit/portfolio.ts'),
  'taiwan-credit-card': () => import('./taiwan-credit-card/portfolio.ts'),
  'lending-club': () => import('./lending-club/portfolio.ts'),
};

export const DEFAULT_PORTFOLIO = 'simulated-bank';

export const PORTFOLIO_NAMES: readonly string[] = Object.keys(PORTFOLIOS);

/**
 * The portfolio of this name.
 * @throws AssayError not_found listing the names there are
 */
export async function loadPortfolio(name: string): Promise<Portfolio> {
  const load = Object.hasOwn(PORTFOLIOS, name) ? PORTFOLIOS[name] : undefined;
  if (!load) {
    throw new AssayError('not_found', {
      what: 'there is no such portfolio',
      given: name,
      allowed: PORTFOLIO_NAMES.join(', '),
      fix: 'choose one with --portfolio NAME, or add yours: docs/bring-your-own-data.md',
    });
  }
  return (await load()).default;
}
