import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testKeyWrapperContract } from './key-wrapper.contract.ts';
import { openFileKeyWrapper } from './key-wrapper.ts';

const home = mkdtempSync(join(tmpdir(), 'assay-wrapper-'));
testKeyWrapperContract('file', async () => openFileKeyWrapper(home));
