import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconLoader2,
  IconPlayerStop,
  IconRefreshDot,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './status-mark.module.css';
import type { StepStatus } from './step-status.ts';

const ICONS = {
  pending: IconCircleDashed,
  running: IconLoader2,
  succeeded: IconCircleCheck,
  reused: IconRefreshDot,
  failed: IconCircleX,
  cancelled: IconPlayerStop,
  interrupted: IconCircleX,
} as const;

/** A status by sign, colour and word. */
export function StatusMark({ status, children }: { readonly status: StepStatus; readonly children: ReactNode }) {
  const Icon = ICONS[status];
  return (
    <span className={classes['mark']} data-status={status}>
      <Icon size={15} stroke={1.8} aria-hidden />
      {children}
    </span>
  );
}
