import { Alert, Button, Group, NumberInput, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { type ReviewDto, type ReviewOutcomeDto, reviewOutcomeSchema } from '../../contract.ts';
import { formatTime, OUTCOME_LABELS } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { type ReviewStep, useReviewStep } from '../../queries/review-step.ts';
import { useReviews } from '../../queries/reviews.ts';
import { useSession } from '../../queries/session.ts';
import { ProblemState } from '../../states/index.ts';

const MIN_NOTE_CHARS = 10;

/** What the person looking at a case may do with it now. */
export function AnswerPanel({ review }: { readonly review: ReviewDto }) {
  const { data: session } = useSession();
  const step = useReviewStep(review.caseId);
  const user = session?.user.username;
  const may = session?.permissions.includes('decideReview') ?? false;
  const take = (next: ReviewStep) => step.mutate(next);
  return (
    <Panel title="Your part">
      {may ? (
        <Part review={review} user={user ?? ''} busy={step.isPending} take={take} />
      ) : (
        <p className="muted">Your role looks on.</p>
      )}
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}

type PartProps = {
  readonly review: ReviewDto;
  readonly user: string;
  readonly busy: boolean;
  readonly take: (step: ReviewStep) => void;
};

function Part({ review, user, busy, take }: PartProps) {
  if (review.status === 'decided') {
    return (
      <Alert variant="light" color="teal" title={review.outcome === null ? 'Decided' : OUTCOME_LABELS[review.outcome]}>
        Decided {formatTime(review.decidedAt)} by {review.firstBy}
        {review.secondBy === null ? '' : ` and ${review.secondBy}`}. A case is decided once.
      </Alert>
    );
  }
  if (review.status === 'second') return <Second review={review} user={user} busy={busy} take={take} />;
  if (review.status === 'claimed' && review.claimedBy === user)
    return <Answer review={review} user={user} busy={busy} take={take} />;
  const isTaken = review.status === 'claimed';
  return (
    <>
      <p>
        {isTaken
          ? `${review.claimedBy} has this case until ${formatTime(review.leasedUntil)}.`
          : 'Nobody has this case.'}
      </p>
      <Button size="xs" disabled={isTaken} loading={busy} onClick={() => take({ kind: 'claim' })}>
        Take this case
      </Button>
    </>
  );
}

function Answer({ review, user, busy, take }: PartProps) {
  const [outcome, setOutcome] = useState<ReviewOutcomeDto>(review.lean);
  const [code, setCode] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const [amount, setAmount] = useState<Amount>('');
  const offerMinor = outcome === 'counter_offer' && typeof amount === 'number' ? Math.round(amount * 100) : undefined;
  const { data } = useReviews({ page: 1, pageSize: 1 });
  const codes = (data?.codes ?? []).map(({ code: value, text: label }) => ({ value, label }));
  const isReady = code !== null && note.trim().length >= MIN_NOTE_CHARS;
  const choose = (value: string) => setOutcome(reviewOutcomeSchema.parse(value));
  return (
    <>
      <p>Yours until {formatTime(review.leasedUntil)}.</p>
      <SegmentedControl
        size="xs"
        aria-label="Your answer"
        data={reviewOutcomeSchema.options.map((value) => ({ value, label: OUTCOME_LABELS[value] }))}
        value={outcome}
        onChange={choose}
      />
      {outcome === review.lean ? null : <Override lean={review.lean} />}
      {outcome === 'counter_offer' ? <OfferAmount amount={amount} onChange={setAmount} /> : null}
      {review.submittedBy === user ? (
        <p className="muted">You submitted this application: a second person agrees.</p>
      ) : null}
      <Select
        mt="xs"
        size="xs"
        label="Main reason"
        placeholder="Choose one"
        searchable
        data={codes}
        value={code}
        onChange={setCode}
      />
      <Textarea
        mt="xs"
        size="xs"
        label={`Why (at least ${MIN_NOTE_CHARS} characters)`}
        minRows={3}
        autosize
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group mt="xs">
        <Button
          size="xs"
          disabled={!isReady}
          loading={busy}
          onClick={() => code !== null && take({ kind: 'decide', outcome, code, note: note.trim(), offerMinor })}
        >
          Decide
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => take({ kind: 'claim' })}>
          More time
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => take({ kind: 'release' })}>
          Give it back
        </Button>
      </Group>
    </>
  );
}

type Amount = number | string;

function OfferAmount({ amount, onChange }: { readonly amount: Amount; readonly onChange: (amount: Amount) => void }) {
  return (
    <NumberInput
      mt="xs"
      size="xs"
      label="Amount offered"
      description="Below the amount asked for; empty: what the policy offers"
      min={0}
      decimalScale={2}
      thousandSeparator=","
      value={amount}
      onChange={onChange}
    />
  );
}

function Override({ lean }: { readonly lean: ReviewOutcomeDto }) {
  return (
    <Alert mt="xs" variant="light" color="yellow" title="This overrides the policy">
      It leans to {OUTCOME_LABELS[lean].toLowerCase()}. Say why; lending against it needs a second person.
    </Alert>
  );
}

function Second({ review, user, busy, take }: PartProps) {
  const [note, setNote] = useState('');
  if (user === review.firstBy || user === review.submittedBy) {
    return (
      <p>
        This case waits for a second person, who may be neither {review.firstBy} nor {review.submittedBy}.
      </p>
    );
  }
  const isReady = note.trim().length >= MIN_NOTE_CHARS;
  const vote = (agrees: boolean) => take({ kind: 'second', agrees, note: note.trim() });
  return (
    <>
      <p>
        {review.firstBy} answered{' '}
        <strong>{review.outcome === null ? '' : OUTCOME_LABELS[review.outcome].toLowerCase()}</strong>. Do you agree?
      </p>
      <Textarea
        size="xs"
        label={`Why (at least ${MIN_NOTE_CHARS} characters)`}
        minRows={3}
        autosize
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group mt="xs">
        <Button size="xs" disabled={!isReady} loading={busy} onClick={() => vote(true)}>
          Agree
        </Button>
        <Button size="xs" variant="default" disabled={!isReady || busy} onClick={() => vote(false)}>
          Send it back
        </Button>
      </Group>
    </>
  );
}
