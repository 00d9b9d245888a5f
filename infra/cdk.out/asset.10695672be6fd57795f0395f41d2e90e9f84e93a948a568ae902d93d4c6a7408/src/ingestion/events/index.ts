export { type DeadLetter, DeadLetters, type RefusedEvent } from './dead-letters.ts';
export { type EventIssue, type IncomingEvent, isIssue, parseEvent, type StreamedEvent } from './event.ts';
export { createEventMapper, type EventFact, type EventMapper, type MappedEvent } from './event-mapper.ts';
export { EventIntake, type EventResult, type IntakeOptions, MAX_EVENTS_PER_CALL } from './intake.ts';
export type { Submission } from './prepare.ts';
export { type EventFile, readEvents } from './read-events.ts';
export { trimReceipts } from './receipts.ts';
export { type RedriveResult, redriveDeadLetters } from './redrive.ts';
