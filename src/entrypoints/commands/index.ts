import type { RegisterCommand } from '../context.ts';
import { registerAudit } from './audit.ts';
import { registerBackup } from './backup.ts';
import { registerBench } from './bench.ts';
import { registerCloud } from './cloud.ts';
import { registerConsents } from './consents.ts';
import { registerDeadLetters } from './deadletters.ts';
import { registerDecide } from './decide.ts';
import { registerDev } from './dev.ts';
import { registerDoctor } from './doctor.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerFairness } from './fairness.ts';
import { registerFeatures } from './features.ts';
import { registerIngest } from './ingest.ts';
import { registerModels } from './models.ts';
import { registerNotices } from './notices.ts';
import { registerPersons } from './persons.ts';
import { registerPipeline } from './pipeline.ts';
import { registerPolicies } from './policies.ts';
import { registerReplay } from './replay.ts';
import { registerReviews } from './reviews.ts';
import { registerRules } from './rules.ts';
import { registerScore } from './score.ts';
import { registerSimulate } from './simulate.ts';
import { registerSql } from './sql.ts';
import { registerTrain } from './train.ts';
import { registerUp } from './up.ts';
import { registerWorker } from './worker.ts';

/** Every command of the CLI, in the order `assay --help` lists them. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerUp,
  registerEvaluate,
  registerFairness,
  registerPipeline,
  registerIngest,
  registerDeadLetters,
  registerWorker,
  registerFeatures,
  registerTrain,
  registerModels,
  registerScore,
  registerSimulate,
  registerSql,
  registerPolicies,
  registerReviews,
  registerNotices,
  registerPersons,
  registerConsents,
  registerAudit,
  registerBackup,
  registerRules,
  registerDecide,
  registerReplay,
  registerBench,
  registerCloud,
  registerDoctor,
  registerDev,
];
