import { IconLock } from '@tabler/icons-react';
import type { Problem } from '../contract.ts';
import { EmptyState } from './empty-state.tsx';

/** The role of the person signed in may not see this. */
export function NoPermission({ subject, problem }: { readonly subject: string; readonly problem?: Problem }) {
  return (
    <EmptyState icon={<IconLock size={28} stroke={1.4} />} title={`Your role may not see ${subject}`}>
      {problem?.detail ?? 'Ask an administrator if your work needs it.'}
    </EmptyState>
  );
}
