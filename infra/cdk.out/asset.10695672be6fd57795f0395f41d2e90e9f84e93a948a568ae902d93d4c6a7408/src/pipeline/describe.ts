import { readStateMachine } from './run-pipeline.ts';

/** The state machine as a graph, read from the document that is deployed. */
export type StateGraph = {
  readonly startAt: string;
  readonly comment: string;
  readonly states: readonly GraphState[];
};

export type GraphState = {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  readonly next: readonly string[];
  /** The Map state this one runs inside of; null at the top level. */
  readonly parent: string | null;
};

type StateDocument = {
  readonly StartAt: string;
  readonly Comment?: string;
  readonly States: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Comment?: string;
        readonly Next?: string;
        readonly Default?: string;
        readonly Choices?: readonly { readonly Next: string }[];
        readonly Catch?: readonly { readonly Next: string }[];
        readonly ItemProcessor?: StateDocument;
      }
    >
  >;
};

export async function describeStateMachine(): Promise<StateGraph> {
  const document: StateDocument = JSON.parse(await readStateMachine());
  return { startAt: document.StartAt, comment: document.Comment ?? '', states: statesOf(document, null) };
}

function statesOf(document: StateDocument, parent: string | null): GraphState[] {
  return Object.entries(document.States).flatMap(([name, state]) => {
    const next = [
      state.Next,
      state.Default,
      ...(state.Choices ?? []).map((c) => c.Next),
      ...(state.Catch ?? []).map((c) => c.Next),
    ];
    const node: GraphState = {
      name,
      type: state.Type,
      comment: state.Comment ?? '',
      next: [...new Set(next.filter((target) => target !== undefined))],
      parent,
    };
    return [node, ...(state.ItemProcessor ? statesOf(state.ItemProcessor, name) : [])];
  });
}
