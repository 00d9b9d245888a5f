import { readFileSync } from 'node:fs';
import { AssayError } from '../domain/index.ts';
import type { Clock, Environment } from '../platform/index.ts';

/** The machine's; here as well as in platform, whose door loads every engine. */
export const systemClock: Clock = { now: () => new Date() };

/** A file with the test clock's setting is looked at this often. */
const FILE_MS = 50;

/**
 * The clock of this process. For tests of clocks that jump, and only with ASSAY_TEST=1, ASSAY_TEST_CLOCK sets it: a time
 * (`2026-03-29T00:59:59Z`: it stands still), an offset in seconds (`-3600`, `+86400`), or `@FILE` with one of these in it,
 * read again as it changes.
 * @throws AssayError bad_input
 */
export function clockOf(environment: Environment): Clock {
  const setting = environment['ASSAY_TEST_CLOCK'];
  if (setting === undefined || setting === '') return systemClock;
  if (environment['ASSAY_TEST'] !== '1') {
    throw new AssayError('bad_input', {
      what: 'ASSAY_TEST_CLOCK is for tests only',
      given: setting,
      fix: 'unset it; in a test set ASSAY_TEST=1 as well',
    });
  }
  if (!setting.startsWith('@')) return clockSetTo(setting);
  let [readAtMs, clock] = [Number.NEGATIVE_INFINITY, systemClock];
  return {
    now: () => {
      if (performance.now() - readAtMs >= FILE_MS) {
        readAtMs = performance.now();
        clock = clockSetTo(readFileSync(setting.slice(1), 'utf8').trim());
      }
      return clock.now();
    },
  };
}

function clockSetTo(setting: string): Clock {
  if (/^[+-]?\d+(\.\d+)?$/.test(setting)) {
    const offsetMs = Number(setting) * 1000;
    return { now: () => new Date(systemClock.now().getTime() + offsetMs) };
  }
  const time = new Date(setting);
  if (!Number.isNaN(time.getTime())) return { now: () => new Date(time) };
  throw new AssayError('bad_input', {
    what: 'ASSAY_TEST_CLOCK is not usable',
    given: setting,
    allowed: 'a time in ISO 8601, an offset in seconds, or @FILE',
    fix: 'correct it, or unset it',
  });
}
