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

/** An admission whose clock stands until it is moved. */
function house() {
  let ms = 0;
  const admission = new Admission({ now: () => new Date(ms) });
  const enter = (bytes?: number): (() => void) => {
    const one = reply();
    admission.enter(request(bytes), one);
    return () => void one.raw.emit('close');
  };
  const isRefused = (bytes?: number): boolean => {
    try {
      enter(bytes)();
      return false;
    } catch (error) {
      assert.ok(isOverload(error));
      return true;
    }
  };
  const later = (by: number): void => {
    ms += by;
  };
  return { enter, isRefused, later };
}

/** Three calls inside at a time; each leaves `msEach` after the one before it. */
function work({ enter, later }: ReturnType<typeof house>, calls: number, bytes: number, msEach: number): void {
  const inside: (() => void)[] = [];
  for (let i = 0; i < calls; i++) {
    inside.push(enter(bytes));
    if (inside.length < 3) continue;
    later(msEach);
    inside.shift()!();
  }
  for (const leave of inside) leave();
}

test('before a pace is known, calls are let in while there is room, and again when one has left', () => {
  const { enter, isRefused } = house();
  const leave = enter(200_000);
  enter(200_000);
  assert.ok(isRefused(200_000));
  leave();
  assert.ok(!isRefused(200_000));
});

test('two calls are always let in, whatever their size; one of unknown length counts', () => {
  const { enter, isRefused } = house();
  enter(1_000_000);
  enter();
  assert.ok(isRefused());
});

test('what is inside shall be worked off in an eighth of a second: half the pace, half the room', () => {
  const room = (msEach: number): number => {
    const it = house();
    work(it, 600, 10_000, msEach);
    let calls = 0;
    for (; !it.isRefused(10_000); calls++) it.enter(10_000);
    return calls;
  };
  // 10,000 bytes in 5 ms: 25 of them in 125 ms
  assert.deepEqual([room(5), room(10)], [25, 12]);
});

test('a slow lone call says nothing about how many fit', () => {
  const it = house();
  for (let i = 0; i < 20; i++) {
    const leave = it.enter(200);
    it.later(100);
    leave();
  }
  for (let i = 0; i < 20; i++) it.enter(20_000);
  assert.ok(it.isRefused(200_000));
});
