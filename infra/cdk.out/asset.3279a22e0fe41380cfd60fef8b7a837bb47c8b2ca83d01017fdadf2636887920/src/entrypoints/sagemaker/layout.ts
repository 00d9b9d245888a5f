import { join } from 'node:path';

/** Where SageMaker puts and expects things, below /opt/ml. */
export type Layout = {
  readonly model: string;
  readonly hyperparameters: string;
  readonly channel: (name: string) => string;
  /** Goes to output.tar.gz beside the model. */
  readonly outputData: string;
  /** Its first kilobyte is what `DescribeTrainingJob` gives as FailureReason. */
  readonly failure: string;
};

export function layoutAt(root: string): Layout {
  return {
    model: join(root, 'model'),
    hyperparameters: join(root, 'input', 'config', 'hyperparameters.json'),
    channel: (name) => join(root, 'input', 'data', name),
    outputData: join(root, 'output', 'data'),
    failure: join(root, 'output', 'failure'),
  };
}
