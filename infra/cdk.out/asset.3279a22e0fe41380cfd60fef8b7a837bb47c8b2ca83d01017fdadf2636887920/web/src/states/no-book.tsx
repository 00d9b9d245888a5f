import { EmptyState } from './empty-state.tsx';

/** The pipeline has not scored the book yet: shown by every page that reads it. */
export function NoBook() {
  return (
    <EmptyState title="No scored book yet">
      Figures appear here once the pipeline has run: start a run on the page Data and pipeline, or with “assay pipeline
      run” in a terminal.
    </EmptyState>
  );
}
