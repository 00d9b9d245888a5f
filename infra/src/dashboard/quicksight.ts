import type { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as quicksight from 'aws-cdk-lib/aws-quicksight';
import { acknowledgeWildcards } from '../nag.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { categoryField, measureField } from './fields.ts';
import { DATA_SETS, type DataSetSpec, SHEETS, type VisualSpec } from './specification.ts';

export type DashboardOptions = { readonly data: DataStack; readonly principalArn: string };

const READ_DASHBOARD = [
  'quicksight:DescribeDashboard',
  'quicksight:ListDashboardVersions',
  'quicksight:QueryDashboard',
];
const READ_DATA_SET = ['quicksight:DescribeDataSet', 'quicksight:DescribeDataSetPermissions', 'quicksight:PassDataSet'];
const READ_ANALYSIS = [
  'quicksight:DescribeAnalysis',
  'quicksight:QueryAnalysis',
  'quicksight:DescribeAnalysisPermissions',
];

/** Data source, data sets, analysis and dashboard, all from the specification. */
export function addDashboard(stack: Stack, { data, principalArn }: DashboardOptions): void {
  const source = dataSource(stack, data);
  const sets = new Map(DATA_SETS.map((spec) => [spec.name, dataSet(stack, source, spec, principalArn)]));
  const definition = {
    dataSetIdentifierDeclarations: [...sets].map(([identifier, set]) => ({ identifier, dataSetArn: set.attrArn })),
    sheets: SHEETS.map(({ id, name, visuals }) => ({ sheetId: id, name, visuals: visuals.map(visual) })),
  };
  const common = { awsAccountId: stack.account, name: 'Assay', definition };
  new quicksight.CfnAnalysis(stack, 'Analysis', {
    ...common,
    analysisId: `${stack.stackName}-analysis`,
    permissions: [{ principal: principalArn, actions: READ_ANALYSIS }],
  });
  new quicksight.CfnDashboard(stack, 'Dashboard', {
    ...common,
    dashboardId: `${stack.stackName}-dashboard`,
    permissions: [{ principal: principalArn, actions: READ_DASHBOARD }],
  });
}

/** Redshift, reached inside the network. */
function dataSource(stack: Stack, data: DataStack): quicksight.CfnDataSource {
  const role = new iam.Role(stack, 'QuickSightRole', {
    assumedBy: new iam.ServicePrincipal('quicksight.amazonaws.com'),
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:ModifyNetworkInterfaceAttribute',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeSubnets',
        'ec2:DescribeSecurityGroups',
      ],
      resources: ['*'],
    }),
  );
  acknowledgeWildcards(
    role,
    ['Resource::*'],
    'Network interfaces of a VPC connection are made and described without names; AWS documents it so.',
  );
  const connection = new quicksight.CfnVPCConnection(stack, 'Connection', {
    awsAccountId: stack.account,
    vpcConnectionId: `${stack.stackName}-network`,
    name: 'Assay',
    roleArn: role.roleArn,
    securityGroupIds: [data.computeGroup.securityGroupId],
    subnetIds: data.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }).subnetIds,
  });
  return new quicksight.CfnDataSource(stack, 'Source', {
    awsAccountId: stack.account,
    dataSourceId: `${stack.stackName}-marts`,
    name: 'Assay marts',
    type: 'REDSHIFT',
    dataSourceParameters: {
      redshiftParameters: { database: 'assay', host: data.workgroup.attrWorkgroupEndpointAddress, port: 5439 },
    },
    credentials: { secretArn: data.martsSecret.secretArn },
    vpcConnectionProperties: { vpcConnectionArn: connection.attrArn },
    sslProperties: { disableSsl: false },
  });
}

function dataSet(
  stack: Stack,
  source: quicksight.CfnDataSource,
  { name, sql, columns }: DataSetSpec,
  principal: string,
): quicksight.CfnDataSet {
  return new quicksight.CfnDataSet(stack, `Mart-${name}`, {
    awsAccountId: stack.account,
    dataSetId: `${stack.stackName}-${name}`,
    name: `Assay ${name}`,
    importMode: 'DIRECT_QUERY',
    physicalTableMap: {
      [name]: {
        customSql: {
          dataSourceArn: source.attrArn,
          name,
          sqlQuery: sql,
          columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
        },
      },
    },
    permissions: [{ principal, actions: READ_DATA_SET }],
  });
}

const plain = (text: string) => ({ visibility: 'VISIBLE', formatText: { plainText: text } });

function visual(spec: VisualSpec): quicksight.CfnDashboard.VisualProperty {
  const common = { visualId: spec.id, title: plain(spec.title) };
  if (spec.kind === 'kpi') {
    const values = [measureField(spec.dataSet, spec.id, spec.measure)];
    return { kpiVisual: { ...common, chartConfiguration: { fieldWells: { values } } } };
  }
  return chart(spec, { ...common, subtitle: plain(spec.subtitle) });
}

function chart(
  spec: Exclude<VisualSpec, { kind: 'kpi' }>,
  common: Pick<quicksight.CfnDashboard.BarChartVisualProperty, 'visualId' | 'title' | 'subtitle'>,
): quicksight.CfnDashboard.VisualProperty {
  const category = [categoryField(spec.dataSet, spec.id, spec.category)];
  const colors = spec.series === undefined ? {} : { colors: [categoryField(spec.dataSet, spec.id, spec.series)] };
  const [bars, lines] = [spec.bars, spec.lines].map((measures) =>
    measures.map((measure) => measureField(spec.dataSet, spec.id, measure)),
  );
  switch (spec.kind) {
    case 'line': {
      const wells = { lineChartAggregatedFieldWells: { category, values: lines, ...colors } };
      return { lineChartVisual: { ...common, chartConfiguration: { fieldWells: wells } } };
    }
    case 'bar': {
      const wells = { barChartAggregatedFieldWells: { category, values: bars, ...colors } };
      return { barChartVisual: { ...common, chartConfiguration: { orientation: 'VERTICAL', fieldWells: wells } } };
    }
    case 'combo': {
      const wells = { comboChartAggregatedFieldWells: { category, barValues: bars, lineValues: lines, ...colors } };
      return { comboChartVisual: { ...common, chartConfiguration: { fieldWells: wells } } };
    }
  }
}
