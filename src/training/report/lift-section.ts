import { type GroupImpact, type Html, html, type LiftEvidence } from '../../domain/index.ts';
import { count, fixed, percent, withInterval } from './format.ts';
import { table } from './page.ts';

const CLASS_TITLES: Readonly<Record<LiftEvidence['dataClass'], string>> = {
  alternative: 'Alternative data',
  social_network: 'Social-network data',
};

/** The model document with what was measured of the version after it was written; the document itself is kept as it was signed. */
export function documentWithLift(document: string, evidence: readonly LiftEvidence[]): string {
  if (evidence.length === 0) return document;
  const sections = evidence
    .map(({ dataClass, ...one }) => {
      const title = `${CLASS_TITLES[dataClass]}: what it adds`;
      return html`<section id="lift-${dataClass}"><h2>${title}</h2>${liftBody({ dataClass, ...one })}</section>\n`.html;
    })
    .join('');
  const at = document.lastIndexOf('<footer>');
  return at < 0 ? document + sections : document.slice(0, at) + sections + document.slice(at);
}

function liftBody(evidence: LiftEvidence): Html {
  const { features, challenger, measuredOn, rows, defaults, lift, aucWith, aucWithout, measuredAt } = evidence;
  const head = ['', 'AUC'];
  const figures = [
    ['with', fixed(aucWith, 4)],
    ['without', fixed(aucWithout, 4)],
    ['lift, 95 %', withInterval(lift, 4)],
  ];
  return html`<p>Read: ${features.map((name) => html`<code>${name}</code> `)}</p>
<p>Beside <code>${challenger}</code>, the same estimator trained without them on the same rows and folds, measured ${measuredOn.replaceAll('_', ' ')} on ${count(rows)} applications with ${count(defaults)} defaults, at ${measuredAt}. ${lift.lower > 0 ? 'The lift is shown.' : 'The interval of the lift holds 0: it is not shown.'}</p>
${table(head, figures, { numeric: [1] })}${impacts(evidence)}`;
}

function impacts({ groups, traits, approvedShare }: LiftEvidence): Html {
  if (traits.length === 0)
    return html`<p>The book keeps no protected trait, so no impact ratio could be measured: whether a group loses is not known.</p>`;
  const ratio = (one: GroupImpact['airWith']): string => (one ? withInterval(one, 4) : 'too few');
  const rows = groups.map(({ trait, name, count: size, airWith, airWithout }) => [
    trait,
    name,
    count(size),
    ratio(airWithout),
    ratio(airWith),
    airWith && airWithout ? fixed(airWith.value - airWithout.value, 4) : '',
  ]);
  const head = ['trait', 'group', 'applications', 'impact ratio without', 'with', 'change'];
  return html`<p>Approval rate over that of the largest group, with ${percent(approvedShare, 0)} of the applications approved by the lowest pd:</p>${table(head, rows, { numeric: [2, 3, 4, 5] })}`;
}
