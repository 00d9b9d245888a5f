import type { JurisdictionRule } from '../../domain/index.ts';

export const NOTICE_KINDS = [
  'adverse_action',
  'counter_offer',
  'incomplete',
  'under_review',
  'risk_based_pricing',
  'approval',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export type NoticeSection = {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly string[];
  /** The rules that ask for this section; empty: it is part of every notice. */
  readonly rules: readonly string[];
};

/** One date that a rule sets, and what must have happened by then. */
export type Deadline = { readonly what: string; readonly dueOn: string; readonly rule: string };

/** What is sent to a borrower, before it is set as HTML or PDF. */
export type Notice = {
  readonly kind: NoticeKind;
  readonly decisionId: string;
  readonly jurisdiction: string;
  /** The day whose rules hold: that of the decision. */
  readonly day: string;
  readonly title: string;
  readonly from: readonly string[];
  readonly reference: string;
  readonly sections: readonly NoticeSection[];
  /** The principal reasons, most important first; at most four. */
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  readonly deadlines: readonly Deadline[];
  /** Rules in force for this place and day, whether or not they ask for a section. */
  readonly rules: readonly Pick<JurisdictionRule, 'id' | 'title' | 'citation' | 'source'>[];
  /** Hash of the reason dictionary and versions that the reasons come from. */
  readonly modelVersion: string;
  readonly creditPolicyVersion: string;
};
