/**
 * The one state machine document, with cloud resources in place of its `${Name}` placeholders. States, order, retries and catches
 * are those of the document; only what a Task calls is added, since one machine calls functions by name.
 */
export type TaskTarget = {
  readonly Resource: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ResultSelector?: Readonly<Record<string, unknown>>;
};

type State = {
  readonly Type: string;
  readonly ItemProcessor?: StateDocument;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
} & Readonly<Record<string, unknown>>;
type StateDocument = { readonly States: Readonly<Record<string, State>> } & Readonly<Record<string, unknown>>;

/** What a service answers when it is busy or a container was taken away: tried again like an outage of ours. */
const PLATFORM_RETRY = {
  ErrorEquals: [
    'Lambda.TooManyRequestsException',
    'Lambda.ServiceException',
    'ECS.AmazonECSException',
    'ECS.ServerException',
  ],
  IntervalSeconds: 10,
  BackoffRate: 2,
  MaxAttempts: 2,
};

/** Every Task of the document, those inside a Map too. */
export function taskNames(text: string): string[] {
  const namesIn = ({ States }: StateDocument): string[] =>
    Object.entries(States).flatMap(([name, { Type, ItemProcessor }]) => [
      ...(Type === 'Task' ? [name] : []),
      ...(ItemProcessor ? namesIn(ItemProcessor) : []),
    ]);
  return namesIn(JSON.parse(text));
}

/** @throws Error when a Task has no target, or a target no Task */
export function cloudDefinition(text: string, targets: Readonly<Record<string, TaskTarget>>): string {
  const used = new Set<string>();
  const document = substituted(JSON.parse(text), targets, used);
  const unused = Object.keys(targets).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`no Task of the state machine is called ${unused.join(', ')}`);
  return JSON.stringify(document);
}

function substituted(
  document: StateDocument,
  targets: Readonly<Record<string, TaskTarget>>,
  used: Set<string>,
): StateDocument {
  const states = Object.entries(document.States).map(([name, state]): [string, State] => {
    if (state.Type === 'Map' && state.ItemProcessor)
      return [name, { ...state, ItemProcessor: substituted(state.ItemProcessor, targets, used) }];
    if (state.Type !== 'Task') return [name, state];
    const target = targets[name];
    if (target === undefined) throw new Error(`no cloud resource for the Task ${name}`);
    used.add(name);
    return [name, { ...state, ...target, Retry: [...(state.Retry ?? []), PLATFORM_RETRY] }];
  });
  return { ...document, States: Object.fromEntries(states) };
}

const STEP_EVENT = { 'state.$': '$$.State.Name', 'executionId.$': '$$.Execution.Name', 'input.$': '$' };

export function lambdaTarget(functionArn: string): TaskTarget {
  return { Resource: functionArn, Parameters: STEP_EVENT };
}

/** What a later state needs of a result: lists of files would outgrow what a task may be started with. */
export const RESULT_SELECTORS: Readonly<Record<string, TaskTarget['ResultSelector']>> = {
  ProcessRaw: {
    'rowsRead.$': '$.rowsRead',
    'rowsRejected.$': '$.rowsRejected',
    'rejectedShare.$': '$.rejectedShare',
    'tables.$': '$.tables',
  },
};

export type TaskPlace = {
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly container: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
};

/** Where a step's execution and input stand in the state's input. */
export type StepPaths = { readonly executionId: string; readonly input: string };
const OWN_EXECUTION: StepPaths = { executionId: '$$.Execution.Name', input: '$' };
export const PASSED_EXECUTION: StepPaths = { executionId: '$.executionId', input: '$.input' };

/** A container task that answers with the token it was given. */
export function taskTarget(place: TaskPlace, { executionId, input }: StepPaths = OWN_EXECUTION): TaskTarget {
  const event = `States.Format('\\{"state":"{}","executionId":"{}","input":{}\\}', $$.State.Name, ${executionId}, States.JsonToString(${input}))`;
  return {
    Resource: 'arn:aws:states:::ecs:runTask.waitForTaskToken',
    Parameters: {
      Cluster: place.clusterArn,
      TaskDefinition: place.taskDefinitionArn,
      LaunchType: 'FARGATE',
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          Subnets: place.subnets,
          SecurityGroups: place.securityGroups,
          AssignPublicIp: 'DISABLED',
        },
      },
      Overrides: {
        ContainerOverrides: [
          {
            Name: place.container,
            Environment: [
              { Name: 'ASSAY_TASK_TOKEN', 'Value.$': '$$.Task.Token' },
              { Name: 'ASSAY_STEP', 'Value.$': event },
            ],
          },
        ],
      },
    },
  };
}

/** A function that was given the token of the state, and answers it now or much later. */
export function waitingTarget(functionArn: string): TaskTarget {
  return {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: functionArn, Payload: { ...STEP_EVENT, 'taskToken.$': '$$.Task.Token' } },
  };
}

/** Another state machine, waited for: its output is the result. */
export function nestedTarget(stateMachineArn: string): TaskTarget {
  return {
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: {
      StateMachineArn: stateMachineArn,
      Input: { ...STEP_EVENT, 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id' },
    },
    ResultSelector: { 'output.$': '$.Output' },
  };
}
