/** Parts of a decision whose time is followed. */
export type DecisionStep = 'outside' | 'features' | 'fraud' | 'score' | 'record';

/** Times a part; gives what `work` gives. */
export type StepTimer = <T>(step: DecisionStep, work: () => Promise<T>) => Promise<T>;

export const untimed: StepTimer = (_step, work) => work();
