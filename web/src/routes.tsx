import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { ProblemError } from './http/problem-error.ts';
import { sessionQuery } from './queries/session.ts';
import {
  applicantsSearch,
  auditSearch,
  decisionsSearch,
  fairnessSearch,
  fraudSearch,
  liveSearch,
  modelSearch,
  modelsSearch,
  noticesSearch,
  overviewSearch,
  pipelineSearch,
  provisionsSearch,
  reviewsSearch,
  scoreSearch,
  segmentsSearch,
  signInSearch,
  strategySearch,
  vintagesSearch,
} from './search.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { Crashed, NotFound } from './shell/crashed.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  errorComponent: Crashed,
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: SignInPage,
});

/** All pages behind the sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(sessionQuery);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { redirect: location.href } });
    }
  },
  errorComponent: Crashed,
  notFoundComponent: NotFound,
});

const getParentRoute = () => app;

const overview = createRoute({
  getParentRoute,
  path: '/',
  validateSearch: overviewSearch,
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
});
const applicants = createRoute({
  getParentRoute,
  path: '/applicants',
  validateSearch: applicantsSearch,
  component: lazyRouteComponent(() => import('./pages/applicants/applicants-page.tsx'), 'ApplicantsPage'),
});
const applicant = createRoute({
  getParentRoute,
  path: '/applicants/$applicationId',
  component: lazyRouteComponent(() => import('./pages/applicants/applicant-page.tsx'), 'ApplicantPage'),
});
const score = createRoute({
  getParentRoute,
  path: '/score',
  validateSearch: scoreSearch,
  component: lazyRouteComponent(() => import('./pages/score/score-page.tsx'), 'ScorePage'),
});
const decisions = createRoute({
  getParentRoute,
  path: '/decisions',
  validateSearch: decisionsSearch,
  component: lazyRouteComponent(() => import('./pages/decisions/decisions-page.tsx'), 'DecisionsPage'),
});
const decision = createRoute({
  getParentRoute,
  path: '/decisions/$decisionId',
  component: lazyRouteComponent(() => import('./pages/decisions/decision-page.tsx'), 'DecisionPage'),
});
const segments = createRoute({
  getParentRoute,
  path: '/segments',
  validateSearch: segmentsSearch,
  component: lazyRouteComponent(() => import('./pages/segments/segments-page.tsx'), 'SegmentsPage'),
});
const strategy = createRoute({
  getParentRoute,
  path: '/strategy',
  validateSearch: strategySearch,
  component: lazyRouteComponent(() => import('./pages/strategy/strategy-page.tsx'), 'StrategyPage'),
});
const vintages = createRoute({
  getParentRoute,
  path: '/vintages',
  validateSearch: vintagesSearch,
  component: lazyRouteComponent(() => import('./pages/vintages/vintages-page.tsx'), 'VintagesPage'),
});
const provisions = createRoute({
  getParentRoute,
  path: '/provisions',
  validateSearch: provisionsSearch,
  component: lazyRouteComponent(() => import('./pages/provisions/provisions-page.tsx'), 'ProvisionsPage'),
});
const fraud = createRoute({
  getParentRoute,
  path: '/fraud',
  validateSearch: fraudSearch,
  component: lazyRouteComponent(() => import('./pages/fraud/fraud-page.tsx'), 'FraudPage'),
});
const fairness = createRoute({
  getParentRoute,
  path: '/fairness',
  validateSearch: fairnessSearch,
  component: lazyRouteComponent(() => import('./pages/fairness/fairness-page.tsx'), 'FairnessPage'),
});
const monitoring = createRoute({
  getParentRoute,
  path: '/monitoring',
  component: lazyRouteComponent(() => import('./pages/monitoring/monitoring-page.tsx'), 'MonitoringPage'),
});
const live = createRoute({
  getParentRoute,
  path: '/live',
  validateSearch: liveSearch,
  component: lazyRouteComponent(() => import('./pages/live/live-page.tsx'), 'LivePage'),
});
const reviews = createRoute({
  getParentRoute,
  path: '/reviews',
  validateSearch: reviewsSearch,
  component: lazyRouteComponent(() => import('./pages/reviews/reviews-page.tsx'), 'ReviewsPage'),
});
const notices = createRoute({
  getParentRoute,
  path: '/notices',
  validateSearch: noticesSearch,
  component: lazyRouteComponent(() => import('./pages/notices/notices-page.tsx'), 'NoticesPage'),
});
const persons = createRoute({
  getParentRoute,
  path: '/persons',
  component: lazyRouteComponent(() => import('./pages/persons/persons-page.tsx'), 'PersonsPage'),
});
const review = createRoute({
  getParentRoute,
  path: '/reviews/$caseId',
  component: lazyRouteComponent(() => import('./pages/reviews/review-page.tsx'), 'ReviewPage'),
});
const policies = createRoute({
  getParentRoute,
  path: '/policies',
  component: lazyRouteComponent(() => import('./pages/policies/policies-page.tsx'), 'PoliciesPage'),
});
const proposePolicy = createRoute({
  getParentRoute,
  path: '/policies/new',
  component: lazyRouteComponent(() => import('./pages/policies/propose-page.tsx'), 'ProposePage'),
});
const policy = createRoute({
  getParentRoute,
  path: '/policies/$version',
  component: lazyRouteComponent(() => import('./pages/policies/policy-page.tsx'), 'PolicyPage'),
});
const audit = createRoute({
  getParentRoute,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/audit-page.tsx'), 'AuditPage'),
});
const models = createRoute({
  getParentRoute,
  path: '/models',
  validateSearch: modelsSearch,
  component: lazyRouteComponent(() => import('./pages/models/models-page.tsx'), 'ModelsPage'),
});
const model = createRoute({
  getParentRoute,
  path: '/models/$modelVersion',
  validateSearch: modelSearch,
  component: lazyRouteComponent(() => import('./pages/models/model-page.tsx'), 'ModelPage'),
});
const pipeline = createRoute({
  getParentRoute,
  path: '/pipeline',
  validateSearch: pipelineSearch,
  component: lazyRouteComponent(() => import('./pages/pipeline/pipeline-page.tsx'), 'PipelinePage'),
});

export const routeTree = root.addChildren([
  signIn,
  app.addChildren([
    overview,
    applicants,
    applicant,
    score,
    decisions,
    decision,
    segments,
    live,
    monitoring,
    strategy,
    vintages,
    provisions,
    fairness,
    fraud,
    reviews,
    notices,
    persons,
    review,
    policies,
    proposePolicy,
    policy,
    audit,
    models,
    model,
    pipeline,
  ]),
]);
