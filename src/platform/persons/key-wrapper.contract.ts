import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import type { KeyWrapper } from './key-wrapper.ts';

/** What every wrapper of keys keeps, wherever its own key lies. `open` opens the same data directory each time, as a new process would. */
export function testKeyWrapperContract(engine: string, open: () => Promise<KeyWrapper>): void {
  const isTampered = (error: unknown): boolean => error instanceof AssayError && error.code === 'tampered';

  test(`${engine}: what one process wrapped, another unwraps, and both make the same pseudonyms`, async () => {
    const [one, other] = [await open(), await open()];
    const key = randomBytes(32);
    assert.deepEqual(await other.unwrap(await one.wrap(key, 'book\nP1'), 'book\nP1'), key);
    assert.deepEqual(one.pseudonymKey, other.pseudonymKey);
  });

  test(`${engine}: a wrapped key opens only for the person it was wrapped for, and only whole`, async () => {
    const wrapper = await open();
    const wrapped = await wrapper.wrap(randomBytes(32), 'book\nP1');
    await assert.rejects(wrapper.unwrap(wrapped, 'book\nP2'), isTampered);
    const changed = `${wrapped.slice(0, -3)}${wrapped.at(-3) === 'A' ? 'B' : 'A'}${wrapped.slice(-2)}`;
    await assert.rejects(wrapper.unwrap(changed, 'book\nP1'), isTampered);
  });
}
