import { AssayError } from '../../domain/index.ts';
import { type FaultPoint, type FaultSwitch, noFaults } from '../../ingestion/index.ts';

const POINTS: readonly FaultPoint[] = ['before_effect', 'after_effect', 'before_commit', 'after_commit'];

/**
 * For tests of crashes only: `ASSAY_TEST_FAULTS=after_effect=0.01,before_commit=0.01` kills this process, as the system would,
 * at these points of a consumer's work, each time with this probability. Unset: nothing of the kind.
 * @throws AssayError bad_input for a text that says something else
 */
export function faultSwitch(text: string | undefined, random: () => number): FaultSwitch {
  if (text === undefined || text === '') return noFaults;
  const rates = new Map(text.split(',').map(rateOf));
  return async (point) => {
    if (random() < (rates.get(point) ?? 0)) process.kill(process.pid, 'SIGKILL');
  };
}

function rateOf(part: string): [FaultPoint, number] {
  const [name, value] = part.split('=');
  const point = POINTS.find((candidate) => candidate === name);
  const rate = Number(value);
  if (point !== undefined && value !== undefined && rate >= 0 && rate <= 1) return [point, rate];
  throw new AssayError('bad_input', {
    what: 'the environment variable ASSAY_TEST_FAULTS is not usable',
    given: part,
    allowed: `${POINTS.join(', ')}, each with a probability, such as after_effect=0.01`,
    fix: 'correct it, or unset it',
  });
}
