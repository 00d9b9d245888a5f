// Started by database.test.ts as a process of its own: opens the database of a home, says so, and holds it until told to close.
import { createLog, loadConfig, openDatabase } from '../../../src/platform/index.ts';

const config = loadConfig(process.env, process.cwd());
const opened = await openDatabase(config, { log: createLog({ logLevel: 'error' }) });
process.send?.('open');
process.once('message', async () => {
  await opened.close();
  process.disconnect();
});
