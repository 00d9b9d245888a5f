import { useEffect, useMemo, useRef, useState } from 'react';
import type { Book } from './book.ts';
import type { BookIndex, Filter } from './book-index.ts';
import { type Recomputed, recompute, type Strategy } from './recompute.ts';
import type { FromWorker, ToWorker } from './worker.ts';

export type Answer = { readonly found: Recomputed; readonly computeMs: number };

/**
 * The book recomputed whenever the strategy changes: a cut-off at once, in the frame of the hand that moves it; a filter by a pass over the
 * rows in a worker.
 */
export function useRecomputed(book: Book, strategy: Strategy): Answer | undefined {
  const index = useBookIndex(book, strategy);
  const { approveRows, declineFrom } = strategy;
  return useMemo(() => {
    if (index === undefined) return undefined;
    const started = performance.now();
    const found = recompute(index, { approveRows, declineFrom });
    return { found, computeMs: performance.now() - started };
  }, [index, approveRows, declineFrom]);
}

/** One request is under way at a time; of those that come meanwhile only the last is kept, so that typing an amount never queues work. */
function useBookIndex(book: Book, { levels, amountFrom, amountTo }: Filter): BookIndex | undefined {
  const worker = useRef<{ send: (filter: Filter) => void } | undefined>(undefined);
  const [index, setIndex] = useState<BookIndex>();
  useEffect(() => {
    const opened = openWorker(book, setIndex);
    worker.current = opened;
    return opened.close;
  }, [book]);
  const looked = levels.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: levels by their values, and a book anew
  useEffect(() => worker.current?.send({ levels, amountFrom, amountTo }), [book, looked, amountFrom, amountTo]);
  return index;
}

function openWorker(book: Book, onIndex: (index: BookIndex) => void) {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const post = (message: ToWorker) => worker.postMessage(message);
  let busy = false;
  let next: Filter | undefined;
  const start = (filter: Filter): void => {
    busy = true;
    post({ kind: 'index', filter });
  };
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    busy = false;
    onIndex({ ...data.index, book });
    if (next === undefined) return;
    const waiting = next;
    next = undefined;
    start(waiting);
  });
  post({ kind: 'load', book });
  return {
    send: (filter: Filter) => {
      if (busy) next = filter;
      else start(filter);
    },
    close: () => worker.terminate(),
  };
}
