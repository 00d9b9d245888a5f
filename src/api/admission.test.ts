import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssayError } from '../domain/index.ts';
import { Admission } from './admission.ts';

const request = (bytes?: number) =>
  ({ headers: bytes === undefined ? {} : { 'content-length': String(bytes) } }) as FastifyRequest;
const reply = () => ({ raw: new EventEmitter() }) as unknown as FastifyReply;
const isOverload = (error: unknown): boolean => error instanceof AssayError && error.code === 'overloaded';

test('calls are let in while there is room, and again when one has left', () => {
  const admission = new Admission();
  const first = reply();
  admission.enter(request(400_000), first);
  assert.throws(() => admission.enter(request(200_000), reply()), isOverload);
  admission.enter(request(100_000), reply());
  first.raw.emit('close');
  admission.enter(request(200_000), reply());
});

test('a large body alone is let in, one of unknown length counts', () => {
  const admission = new Admission();
  admission.enter(request(1_000_000), reply());
  assert.throws(() => admission.enter(request(), reply()), isOverload);
});
