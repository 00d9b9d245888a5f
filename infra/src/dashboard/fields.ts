import type * as quicksight from 'aws-cdk-lib/aws-quicksight';
import type { FigureUnit, MeasureSpec } from '../../../src/portfolio/overview-spec.ts';
import { DATA_SETS } from './specification.ts';

const decimals = (decimalPlaces: number) => ({ decimalPlacesConfiguration: { decimalPlaces } });
const FORMATS: Readonly<Record<FigureUnit, quicksight.CfnDashboard.NumericFormatConfigurationProperty>> = {
  share: { percentageDisplayFormatConfiguration: decimals(2) },
  count: { numberDisplayFormatConfiguration: decimals(0) },
  minor: { numberDisplayFormatConfiguration: decimals(0) },
  points: { numberDisplayFormatConfiguration: decimals(0) },
};

/** One row stands behind each mark, so that the sum is the value itself. */
export function measureField(
  dataSet: string,
  visualId: string,
  { column, unit }: MeasureSpec,
): quicksight.CfnDashboard.MeasureFieldProperty {
  return {
    numericalMeasureField: {
      fieldId: `${visualId}-${column}`,
      column: { dataSetIdentifier: dataSet, columnName: column },
      aggregationFunction: { simpleNumericalAggregation: 'SUM' },
      formatConfiguration: { formatConfiguration: FORMATS[unit] },
    },
  };
}

export function categoryField(
  dataSet: string,
  visualId: string,
  column: string,
): quicksight.CfnDashboard.DimensionFieldProperty {
  const field = {
    fieldId: `${visualId}-${column}`,
    column: { dataSetIdentifier: dataSet, columnName: column },
  };
  const isText = DATA_SETS.find(({ name }) => name === dataSet)?.columns[column] === 'STRING';
  return isText ? { categoricalDimensionField: field } : { numericalDimensionField: field };
}
