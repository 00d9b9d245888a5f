import type { Calibration, ModelManifest, ScoreScale } from '../../domain/index.ts';
import { type FittedScorecard, meanContribution, pointsPerLogOdds } from '../../estimators/index.ts';
import { type Condition, type ScorecardTerm, scorecardTerms } from './scorecard-terms.ts';

/**
 * A scorecard as PMML 4.4 (dmg.org): partial scores in log-odds of default, whose sum is the margin; outputs margin, pd and
 * score. Its reason codes are those characteristics whose partial score lies above their mean over the training rows.
 */
export function scorecardPmml(manifest: ModelManifest, fitted: FittedScorecard): string {
  const terms = scorecardTerms(fitted);
  const fields = terms.map(({ input }) =>
    input.kind === 'numeric'
      ? `    <DataField name=${attribute(input.name)} optype="continuous" dataType="double"/>`
      : `    <DataField name=${attribute(input.name)} optype="categorical" dataType="string"/>`,
  );
  const mining = terms.map(
    ({ input }) => `      <MiningField name=${attribute(input.name)} usageType="active" invalidValueTreatment="asIs"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header description=${attribute(`${manifest.modelVersion}, trained ${manifest.createdAt}`)}>
    <Application name="Assay"/>
  </Header>
  <DataDictionary numberOfFields="${terms.length}">
${fields.join('\n')}
  </DataDictionary>
  <Scorecard modelName=${attribute(manifest.modelVersion)} functionName="regression" initialScore="${fitted.intercept}" useReasonCodes="true" reasonCodeAlgorithm="pointsAbove" baselineMethod="mean">
    <MiningSchema>
${mining.join('\n')}
    </MiningSchema>
    <Output>
      <OutputField name="margin" optype="continuous" dataType="double" feature="predictedValue"/>
      <OutputField name="pd" optype="continuous" dataType="double" feature="transformedValue">
        ${pdPmml(manifest.calibration)}
      </OutputField>
      <OutputField name="score" optype="continuous" dataType="double" feature="transformedValue">
        ${scorePmml(manifest.scale)}
      </OutputField>
    </Output>
    <Characteristics>
${terms.map((term) => characteristicPmml(manifest, term)).join('\n')}
    </Characteristics>
  </Scorecard>
</PMML>
`;
}

/** Quoted, with what XML gives a meaning escaped; characters that XML cannot hold are left out. */
function attribute(value: string): string {
  const allowed = [...value].filter((char) => char >= ' ' && !/[\uFFFE\uFFFF]/.test(char)).join('');
  return `"${allowed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')}"`;
}

function characteristicPmml(manifest: ModelManifest, { input, characteristic, cases }: ScorecardTerm): string {
  const code = manifest.reasons[input.name]?.code ?? input.name;
  const attributes = cases.map(
    ({ condition, contribution }) =>
      `        <Attribute partialScore="${contribution}">${predicate(input.name, condition)}</Attribute>`,
  );
  return `      <Characteristic name=${attribute(input.name)} reasonCode=${attribute(code)} baselineScore="${meanContribution(characteristic)}">
${attributes.join('\n')}
      </Characteristic>`;
}

function predicate(name: string, condition: Condition): string {
  const simple = (rest: string): string => `<SimplePredicate field=${attribute(name)} ${rest}/>`;
  switch (condition.kind) {
    case 'missing':
      return simple('operator="isMissing"');
    case 'below':
      return simple(`operator="lessThan" value="${condition.upper}"`);
    case 'otherwise':
      return '<True/>';
    case 'equals': {
      const tests = condition.values.map((value) => simple(`operator="equal" value=${attribute(String(value))}`));
      return tests.length === 1
        ? tests[0]!
        : `<CompoundPredicate booleanOperator="or">${tests.join('')}</CompoundPredicate>`;
    }
  }
}

const constant = (value: number): string => `<Constant dataType="double">${value}</Constant>`;
const apply = (name: string, ...parts: string[]): string => `<Apply function="${name}">${parts.join('')}</Apply>`;
const field = (name: string): string => `<FieldRef field="${name}"/>`;

function pdPmml(calibration: Calibration): string {
  if (calibration.kind === 'isotonic') {
    const knots = calibration.margins.map((margin, i) => `<LinearNorm orig="${margin}" norm="${calibration.pds[i]}"/>`);
    return `<NormContinuous field="margin" outliers="asExtremeValues">${knots.join('')}</NormContinuous>`;
  }
  const { intercept, slope } = calibration.kind === 'platt' ? calibration : { intercept: 0, slope: 1 };
  const logOdds = apply('+', constant(intercept), apply('*', constant(slope), field('margin')));
  const minus = apply('-', constant(0), logOdds);
  return apply('/', constant(1), apply('+', constant(1), apply('exp', minus)));
}

function scorePmml(scale: ScoreScale): string {
  const odds = apply('/', apply('-', constant(1), field('pd')), field('pd'));
  const above = apply('-', apply('ln', odds), constant(Math.log(scale.baseOdds)));
  return apply('+', constant(scale.baseScore), apply('*', constant(pointsPerLogOdds(scale)), above));
}
