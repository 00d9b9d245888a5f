import { ensureXgboost, loadConfig } from '../../platform/index.ts';
import type { CommandContext } from '../context.ts';
import { ensureReady } from '../setup/index.ts';

/** Makes sure of everything Assay can install or create by itself; a wheel given replaces the library that is there. */
export async function mend(context: CommandContext, options: { wheel?: string }): Promise<void> {
  const config = loadConfig(context.environment, context.workingDirectory);
  if (options.wheel !== undefined) await ensureXgboost(config, { fromFile: options.wheel });
  const ready = await ensureReady(context, { needs: ['keys', 'xgboost', 'web', 'database'] });
  await ready.close();
}
