import type { AuditView } from '../../api/index.ts';
import { DECISIONS_REGISTER } from '../../decisions/index.ts';
import {
  type AuditRegister,
  auditFiles,
  type Database,
  LOG_REGISTER,
  openVerifier,
  proveRecord,
  readCheckpointFile,
} from '../../platform/index.ts';

/** Checkpoints shown. */
const LATEST = 20;

/** The record as a page shows it: sizes from the database, checkpoints from their file. It is no audit: that is `assay audit verify`. */
export function openAuditView(options: {
  readonly database: Database;
  readonly home: string;
  readonly portfolio: string;
}): AuditView {
  const { database, home, portfolio } = options;
  const verify = openVerifier(home);
  const sizeOf = async ({ table }: AuditRegister): Promise<number> => {
    const [row] = await database.query<{ last: number }>(
      `SELECT coalesce(max(sequence), 0) AS last FROM ${table} WHERE portfolio = $1`,
      [portfolio],
    );
    return row?.last ?? 0;
  };
  return {
    status: async () => {
      const { checkpoints, problems } = await readCheckpointFile(auditFiles(home, portfolio).checkpoints, verify);
      const trees = checkpoints.at(-1)?.body.trees ?? [];
      const registers = [DECISIONS_REGISTER, LOG_REGISTER].map(async (register) => {
        const tree = trees.find(({ register: name }) => name === register.name);
        const records = await sizeOf(register);
        return { register: register.name, records, checkpointed: tree?.size ?? 0, root: tree?.root ?? null };
      });
      return {
        registers: await Promise.all(registers),
        checkpoints: checkpoints.length,
        problems: problems.map(({ line, what }) => `line ${line}: ${what}`),
        latest: checkpoints
          .slice(-LATEST)
          .reverse()
          .map(({ body, hash, keyId }) => ({
            number: body.number,
            at: body.at,
            hash,
            keyId,
            sizes: Object.fromEntries(body.trees.map(({ register, size }) => [register, size])),
          })),
      };
    },
    prove: (id) => proveRecord({ database, home, portfolio, register: DECISIONS_REGISTER, id, verify }),
  };
}
