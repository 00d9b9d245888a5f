import { buildApp } from './src/build-app.ts';
import { readEnvironment } from './src/environment.ts';

const name = process.env['ASSAY_ENVIRONMENT'];
if (name === undefined)
  throw new Error('ASSAY_ENVIRONMENT is not set; allowed: a file of infra/environments/ without .json');
buildApp(readEnvironment(name)).synth();
