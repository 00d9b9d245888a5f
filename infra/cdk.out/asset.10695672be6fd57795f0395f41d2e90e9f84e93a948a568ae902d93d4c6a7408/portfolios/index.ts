import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AssayError, type Portfolio } from '../src/domain/index.ts';

const HERE = import.meta.dirname;

export const DEFAULT_PORTFOLIO = 'simulated-bank';

/** Every lending book: the folders beside this file that have a portfolio.ts. A new book is a new folder, nothing else. */
export function portfolioNames(directory = HERE): string[] {
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map((folder) => folder.name)
    .filter((name) => existsSync(join(directory, name, 'portfolio.ts')))
    .sort();
}

/** The case table beside a portfolio's policy, as it lies in the file; none: no cases. */
export function readPolicyCases(name: string, directory = HERE): unknown {
  const file = join(directory, name, 'policy.cases.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { cases: [] };
}

/**
 * The portfolio of this name: the default export of its portfolio.ts.
 * @throws AssayError not_found listing the names there are; bad_input when the file exports no portfolio of its folder's name
 */
export async function loadPortfolio(name: string, directory = HERE): Promise<Portfolio> {
  const names = portfolioNames(directory);
  if (!names.includes(name)) {
    throw new AssayError('not_found', {
      what: 'there is no such portfolio',
      given: name,
      allowed: names.join(', '),
      fix: 'choose one with --portfolio NAME, or add yours: docs/bring-your-own-data.md',
    });
  }
  const file = join(directory, name, 'portfolio.ts');
  const loaded: { default?: unknown } = await import(pathToFileURL(file).href);
  if (isPortfolio(loaded.default) && loaded.default.name === name) return loaded.default;
  throw new AssayError('bad_input', {
    what: 'not a portfolio',
    given: file,
    allowed: `a default export of type Portfolio with name: '${name}'`,
    fix: 'compare it with docs/bring-your-own-data.md; tsc -p . says what is missing',
  });
}

/** The type checker has seen the file; this tells a portfolio from another kind of module. */
function isPortfolio(value: unknown): value is Portfolio {
  return typeof value === 'object' && value !== null && 'name' in value && 'sources' in value && 'features' in value;
}
