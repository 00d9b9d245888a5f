import { useMemo } from 'react';
import type { PipelineDefinition } from '../../contract.ts';
import { formatPercent, toWords } from '../../format/index.ts';
import classes from './graph.module.css';
import { layOutGraph, type PlacedState } from './graph-layout.ts';
import { STATUS_LABELS, type StepRun, type StepState, stateOfStep } from './step-status.ts';

type Props = {
  readonly definition: PipelineDefinition;
  readonly steps: readonly StepRun[];
  readonly selected: string | undefined;
  readonly onSelect: (step: string | undefined) => void;
};

/** The state machine as a drawing, each state with how far the run has come. */
export function Graph({ definition, steps, selected, onSelect }: Props) {
  const layout = useMemo(() => layOutGraph(definition), [definition]);
  return (
    <section
      className={classes['scroll']}
      aria-label="Graph of the state machine, scrollable"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
    >
      <div className={classes['canvas']} style={{ width: layout.width, height: layout.height }}>
        <svg width={layout.width} height={layout.height} aria-hidden="true" className={classes['lines']}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" />
            </marker>
          </defs>
          {layout.edges.map((edge) => (
            <path
              key={`${edge.from}/${edge.to}`}
              d={edge.path}
              className={classes['edge']}
              data-failure={edge.failure || undefined}
              markerEnd="url(#arrow)"
            />
          ))}
        </svg>
        {layout.frames.map(({ state, box }) => (
          <div
            key={state.name}
            className={classes['frame']}
            style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
          >
            {toWords(state.name)}: for each item
          </div>
        ))}
        {layout.nodes.map((node) => (
          <Node
            key={node.state.name}
            node={node}
            step={stateOfStep(node.state.name, steps)}
            hasRun={steps.length > 0}
            selected={selected === node.state.name}
            onSelect={onSelect}
          />
        ))}
      </div>
    </section>
  );
}

type NodeProps = {
  readonly node: PlacedState;
  readonly step: StepState | null;
  readonly hasRun: boolean;
  readonly selected: boolean;
  readonly onSelect: Props['onSelect'];
};

function Node({ node: { state, box }, step, hasRun, selected, onSelect }: NodeProps) {
  const fails = state.type === 'Fail';
  return (
    <button
      type="button"
      className={classes['node']}
      data-status={step?.status ?? (fails ? 'failState' : state.type === 'Choice' ? 'choice' : 'pending')}
      aria-pressed={selected}
      title={state.comment}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      onClick={() => onSelect(selected ? undefined : state.name)}
    >
      <span className={classes['name']}>{toWords(state.name)}</span>
      <span className={classes['status']}>{step === null ? textWithout(state.type, hasRun) : statusText(step)}</span>
      {step?.status === 'running' && step.progress !== null ? (
        <span className={classes['progress']} style={{ width: `${step.progress * 100}%` }} />
      ) : null}
    </button>
  );
}

/** Of a state that is no step of the run: some are taken in the cloud only, or on another branch. */
function textWithout(type: string, hasRun: boolean): string {
  return { Fail: 'Ends the run', Choice: 'Check' }[type] ?? (hasRun ? 'Not in this run' : 'Not run');
}

function statusText(step: StepState): string {
  const share = step.status === 'running' && step.progress !== null ? ` ${formatPercent(step.progress, 0)}` : '';
  const items = step.items > 1 ? `, ${step.itemsDone} of ${step.items}` : '';
  return `${STATUS_LABELS[step.status]}${share}${items}`;
}
