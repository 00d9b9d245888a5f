import { DecisionStore } from '../../decisions/index.ts';
import { AssayError } from '../../domain/index.ts';
import type { Environment } from '../../platform/index.ts';

/**
 * Faults that tests plant, only with ASSAY_TEST=1: ASSAY_TEST_KILL_AFTER_COMMIT is the share of decisions after whose commit, and
 * before whose answer, this process ends as by SIGKILL.
 * @throws AssayError bad_input
 */
export function killAfterCommit(environment: Environment): number {
  const setting = environment['ASSAY_TEST_KILL_AFTER_COMMIT'];
  if (setting === undefined || setting === '') return 0;
  const share = Number(setting);
  if (environment['ASSAY_TEST'] === '1' && share >= 0 && share <= 1) return share;
  throw new AssayError('bad_input', {
    what: 'ASSAY_TEST_KILL_AFTER_COMMIT is for tests only',
    given: setting,
    allowed: 'a share from 0 to 1, with ASSAY_TEST=1',
    fix: 'unset it',
  });
}

/** A store whose process dies at the worst moment. */
export class DyingStore extends DecisionStore {
  readonly #share: number;

  constructor(options: ConstructorParameters<typeof DecisionStore>[0], share: number) {
    super(options);
    this.#share = share;
  }

  override async append(...entry: Parameters<DecisionStore['append']>): ReturnType<DecisionStore['append']> {
    const record = await super.append(...entry);
    if (Math.random() < this.#share) process.kill(process.pid, 'SIGKILL');
    return record;
  }
}
