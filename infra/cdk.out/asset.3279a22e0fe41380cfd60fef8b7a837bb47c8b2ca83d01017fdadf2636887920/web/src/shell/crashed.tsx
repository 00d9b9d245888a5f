import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { toProblem } from '../http/problem-error.ts';
import { LinkAnchor } from '../layout/index.ts';
import { EmptyState, ProblemState } from '../states/index.ts';

/** A page that could not be shown at all. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <main style={{ maxWidth: 640, margin: '4rem auto', padding: '0 1rem' }}>
      <ProblemState problem={toProblem(error)} onRetry={retry} />
    </main>
  );
}

export function NotFound() {
  return (
    <EmptyState title="There is no such page">
      The address may be misspelt. <LinkAnchor to="/">Go to the overview</LinkAnchor>
    </EmptyState>
  );
}
