import { agencyText, type Lender, type RuleOutput } from '../../domain/index.ts';
import type { BureauUse } from './bureau-use.ts';
import type { NoticeKind, NoticeSection } from './notice.ts';

/** What the sections of a notice are written from. */
export type SectionContext = {
  readonly kind: NoticeKind;
  readonly lender: Lender;
  readonly day: string;
  /** Whether a person decided. */
  readonly byPerson: boolean;
  readonly bureau: BureauUse;
  readonly modelVersion: string;
  readonly score: number;
  readonly reasons: readonly { readonly text: string }[];
  readonly counterfactuals: readonly string[];
};

type Section = Omit<NoticeSection, 'rules'>;
type Writer = (context: SectionContext) => Section | null;

const isAdverse = ({ kind }: SectionContext): boolean => kind === 'adverse_action' || kind === 'counter_offer';

/** The text of 12 CFR 1002.9(b)(1). */
const ecoaStatement: Writer = (context) => {
  const { lender, day } = context;
  if (!isAdverse(context) && context.kind !== 'incomplete') return null;
  const agencies = (lender.agencies ?? []).map((id) => agencyText(id, day));
  return {
    title: 'Equal Credit Opportunity Act',
    paragraphs: [
      'The Federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit applicants on the basis of race, color, religion, national origin, sex, marital status, age (provided the applicant has the capacity to enter into a binding contract); because all or part of the applicant’s income derives from any public assistance program; or because the applicant has in good faith exercised any right under the Consumer Credit Protection Act. ' +
        `The Federal agency that administers compliance with this law concerning this creditor is ${agencies.join('; ')}.`,
    ],
  };
};

const bureauAddress = ({ bureau }: Lender): string =>
  bureau ? `${bureau.name}, ${bureau.address}, telephone ${bureau.phone}` : '';

function scoreParagraphs({ bureau, lender }: SectionContext): string[] {
  const { score } = bureau;
  if (!score) return [];
  const created = score.createdOn === null ? '' : `, created on ${score.createdOn}`;
  return [
    'We also obtained your credit score from this consumer reporting agency and used it in making our credit decision. Your credit score is a number that reflects the information in your credit report. It can change, depending on how the information in your report changes.',
    `Your credit score: ${score.value}${created}. Scores range from a low of ${score.lowest} to a high of ${score.highest}. The score was provided by ${lender.bureau?.name}.`,
    ...(score.keyFactors.length > 0 ? ['Key factors that adversely affected your credit score:'] : []),
  ];
}

/** FCRA section 615(a); only when a report was used. */
const fcraReport: Writer = (context) => {
  const { bureau, lender } = context;
  if (!bureau.report || !isAdverse(context)) return null;
  return {
    title: 'Fair Credit Reporting Act',
    paragraphs: [
      `Our credit decision was based in whole or in part on information obtained in a report from the consumer reporting agency named here: ${bureauAddress(lender)}.`,
      'You have a right under the Fair Credit Reporting Act to know the information contained in your credit file at the consumer reporting agency. The reporting agency played no part in our decision and is unable to supply specific reasons why we took this action. You have a right to a free copy of your report from the reporting agency, if you request it no later than 60 days after you receive this notice. If you find that any information contained in the report is inaccurate or incomplete, you have the right to dispute the matter with the reporting agency.',
      ...scoreParagraphs(context),
    ],
    ...(bureau.score && bureau.score.keyFactors.length > 0 && { items: bureau.score.keyFactors }),
  };
};

/** 12 CFR 1022.73(a)(1). */
const riskBasedPricing: Writer = (context) => {
  const { kind, lender, bureau } = context;
  if (kind !== 'risk_based_pricing' || !bureau.report) return null;
  return {
    title: 'Your credit report and the price of your credit',
    paragraphs: [
      'A credit report includes information about how you pay your bills, how much debt you have, and whether you have been sued, arrested or have filed for bankruptcy.',
      `We used information from your credit report, provided by ${bureauAddress(lender)}, to set the terms of the credit we offer you. The terms offered to you may be less favorable than those offered to consumers who have better credit histories.`,
      'You are encouraged to verify that the information in your report is accurate, and to dispute what is not. You may obtain a copy of your report without charge from the agency named, within 60 days of receiving this notice. More about credit reports and your rights: the website of the Bureau of Consumer Financial Protection, www.consumerfinance.gov/learnmore.',
      ...scoreParagraphs(context),
    ],
    ...(bureau.score && bureau.score.keyFactors.length > 0 && { items: bureau.score.keyFactors }),
  };
};

const automatedDecision: Writer = ({ kind, modelVersion, byPerson }) => {
  if (kind === 'under_review') return null;
  const estimate = `a statistical model (version ${modelVersion}) estimates from the information named in your application and, where you have one, your account and credit file how likely a loan is not to be repaid`;
  const paragraph = byPerson
    ? `A person of ours made this decision. Before them lay what our system prepared: ${estimate}, and what the rules of our credit policy say to it. They were free to decide otherwise.`
    : `This decision was made by automated means: ${estimate}, and the rules of our credit policy turn that estimate and the facts of your application into the decision. No person took part before this notice.`;
  return { title: 'How this was decided', paragraphs: [paragraph] };
};

const humanReview: Writer = ({ lender }) => ({
  title: 'Your right to have a person look at it',
  paragraphs: [
    `You may ask us for a person to review this decision, tell us your own view and facts we do not have, ask for an explanation of the assessment, and contest the outcome. Write to ${lender.name}, ${lender.address}${lender.phone ? `, or call ${lender.phone}` : ''}, naming the reference above. It costs you nothing, and the person who reviews it is free to decide otherwise.`,
  ],
});

const explanation: Writer = (context) => {
  if (context.kind === 'approval' || context.kind === 'under_review') return null;
  return {
    title: 'What weighed most',
    paragraphs: [
      `Your application scored ${Math.round(context.score)} points; more points mean a smaller expected loss. Against an average applicant these facts lowered the score, in this order:`,
    ],
    items: context.reasons.map(({ text }) => text),
  };
};

const counterfactual: Writer = (context) => {
  if (!isAdverse(context)) return null;
  const none =
    'No change of the loan asked for alone, or of conduct within your reach, would have led to approval at this time.';
  return {
    title: 'What would have changed the result',
    paragraphs: context.counterfactuals.length > 0 ? [...context.counterfactuals] : [none],
  };
};

const databaseConsulted: Writer = (context) =>
  context.bureau.report && isAdverse(context)
    ? {
        title: 'Database consulted',
        paragraphs: [
          `The decision is based also on the consultation of a database: ${bureauAddress(context.lender)}. You may ask there which data about you was given to us, and have it corrected.`,
        ],
      }
    : null;

const debtAdvice: Writer = (context) =>
  isAdverse(context)
    ? {
        title: 'Advice on debt',
        paragraphs: [
          'If you find it hard to pay what you owe, independent debt advisory services can help; we name those near you on request.',
        ],
      }
    : null;

const correction: Writer = ({ lender }) => ({
  title: 'If something is wrong',
  paragraphs: [
    `You may have incorrect personal data corrected, and the application assessed again. Write to ${lender.name}, ${lender.address}.`,
  ],
});

const optOut: Writer = ({ lender }) => ({
  title: 'Without automated means',
  paragraphs: [
    `You may ask that your application is decided by a person instead, and what the automated system used and how. Write to ${lender.name}, ${lender.address}.`,
  ],
});

/** Outputs that are no section of a notice: checks elsewhere, or part of every notice. */
const WRITERS: Readonly<Partial<Record<RuleOutput, Writer>>> = {
  automated_decision: automatedDecision,
  explanation,
  counterfactual,
  database_consulted: databaseConsulted,
  human_review: humanReview,
  correction,
  opt_out: optOut,
  debt_advice: debtAdvice,
  ecoa_statement: ecoaStatement,
  fcra_report: fcraReport,
  risk_based_pricing: riskBasedPricing,
};

/** The sections that the rules in force ask for, each once, in the order a reader needs them. */
export function sectionsOf(
  context: SectionContext,
  rules: readonly { readonly id: string; readonly gives: readonly RuleOutput[] }[],
): NoticeSection[] {
  return Object.entries(WRITERS).flatMap(([output, write]) => {
    const asking = rules.filter((rule) => rule.gives.some((given) => given === output)).map((rule) => rule.id);
    const section = asking.length > 0 ? write(context) : null;
    return section ? [{ ...section, rules: asking }] : [];
  });
}
