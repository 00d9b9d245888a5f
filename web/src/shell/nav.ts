import {
  type Icon,
  IconActivity,
  IconAdjustmentsHorizontal,
  IconAlertTriangle,
  IconChartHistogram,
  IconChartPie,
  IconFileCheck,
  IconFingerprint,
  IconGauge,
  IconGavel,
  IconHeartRateMonitor,
  IconListDetails,
  IconMail,
  IconScale,
  IconShieldDollar,
  IconSitemap,
  IconUserCheck,
  IconUserPlus,
  IconUserShield,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { OperationId } from '../contract.ts';

export type NavGroup = { readonly label: string | null; readonly items: readonly NavItem[] };

export type NavItem = {
  readonly to:
    | '/'
    | '/applicants'
    | '/score'
    | '/decisions'
    | '/segments'
    | '/live'
    | '/monitoring'
    | '/strategy'
    | '/vintages'
    | '/provisions'
    | '/fairness'
    | '/fraud'
    | '/reviews'
    | '/notices'
    | '/persons'
    | '/policies'
    | '/audit'
    | '/models'
    | '/pipeline';
  readonly label: string;
  readonly icon: Icon;
  /** Shown to those who may call any of these. */
  readonly needs: readonly OperationId[];
};

/** Pages by the work they belong to; a group of which nothing is allowed is not shown. */
export const NAV: readonly NavGroup[] = [
  {
    label: null,
    items: [{ to: '/', label: 'Overview', icon: IconGauge, needs: ['getOverview'] }],
  },
  {
    label: 'Lending',
    items: [
      { to: '/applicants', label: 'Applicants', icon: IconListDetails, needs: ['listApplicants'] },
      { to: '/score', label: 'Score an application', icon: IconUserPlus, needs: ['createScores', 'createApplication'] },
      { to: '/decisions', label: 'Decisions', icon: IconFileCheck, needs: ['listDecisions'] },
      { to: '/live', label: 'Live', icon: IconActivity, needs: ['getStream'] },
    ],
  },
  {
    label: 'Work',
    items: [
      { to: '/reviews', label: 'Review queue', icon: IconUserCheck, needs: ['listReviews'] },
      { to: '/fraud', label: 'Fraud', icon: IconAlertTriangle, needs: ['getFraudQueue'] },
      { to: '/notices', label: 'Notices', icon: IconMail, needs: ['listNotices'] },
      { to: '/persons', label: 'Persons', icon: IconUserShield, needs: ['getPerson'] },
    ],
  },
  {
    label: 'Portfolio',
    items: [
      { to: '/segments', label: 'Segments', icon: IconChartPie, needs: ['getSegments'] },
      { to: '/vintages', label: 'Vintages and roll rates', icon: IconChartHistogram, needs: ['getVintages'] },
      { to: '/provisions', label: 'Expected loss and stress', icon: IconShieldDollar, needs: ['getProvisions'] },
    ],
  },
  {
    label: 'Steering',
    items: [
      { to: '/strategy', label: 'Strategy', icon: IconAdjustmentsHorizontal, needs: ['getStrategyBook'] },
      { to: '/policies', label: 'Credit policy', icon: IconGavel, needs: ['listPolicies'] },
      { to: '/fairness', label: 'Fairness', icon: IconUsersGroup, needs: ['getFairnessGroups'] },
    ],
  },
  {
    label: 'Models and data',
    items: [
      { to: '/models', label: 'Models', icon: IconScale, needs: ['listModels'] },
      { to: '/monitoring', label: 'Monitoring', icon: IconHeartRateMonitor, needs: ['getDrift'] },
      { to: '/pipeline', label: 'Data and pipeline', icon: IconSitemap, needs: ['listRuns', 'getDataQuality'] },
      { to: '/audit', label: 'Audit', icon: IconFingerprint, needs: ['getAudit'] },
    ],
  },
];
