import type { Handlers } from '../handlers.ts';
import type { Metrics } from '../metrics.ts';
import type { ApiDependencies } from '../ports.ts';
import type { Sessions } from '../session/sessions.ts';
import { auditHandlers } from './audit.ts';
import { borrowerHandlers } from './borrowers.ts';
import { consentHandlers } from './consents.ts';
import { decisionHandlers } from './decisions.ts';
import { eventHandlers } from './events.ts';
import { fairnessHandlers } from './fairness.ts';
import { fraudHandlers } from './fraud.ts';
import { liveHandlers } from './live.ts';
import { modelHandlers } from './models.ts';
import { monitoringHandlers } from './monitoring.ts';
import { noticeHandlers } from './notices.ts';
import { personHandlers } from './persons.ts';
import { pipelineHandlers } from './pipeline.ts';
import { policyHandlers } from './policies.ts';
import { portfolioHandlers } from './portfolio.ts';
import { reviewHandlers } from './reviews.ts';
import { sessionHandlers } from './session.ts';
import { sqlHandlers } from './sql.ts';
import { strategyHandlers } from './strategy.ts';

/** One handler for every operation of the contract; a missing one is a type error. */
export function handlersOf(dependencies: ApiDependencies, sessions: Sessions, metrics: Metrics): Handlers {
  return {
    ...sessionHandlers(sessions),
    ...decisionHandlers(dependencies, metrics),
    ...noticeHandlers(dependencies),
    ...portfolioHandlers(dependencies),
    ...modelHandlers(dependencies),
    ...personHandlers(dependencies),
    ...consentHandlers(dependencies),
    ...auditHandlers(dependencies),
    ...policyHandlers(dependencies),
    ...reviewHandlers(dependencies),
    ...pipelineHandlers(dependencies),
    ...sqlHandlers(dependencies),
    ...strategyHandlers(dependencies),
    ...liveHandlers(dependencies),
    ...monitoringHandlers(dependencies),
    ...fairnessHandlers(dependencies),
    ...fraudHandlers(dependencies),
    ...eventHandlers(dependencies, metrics),
    ...borrowerHandlers(dependencies),
  };
}
