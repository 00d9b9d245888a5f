import { useEffect, useRef, useState } from 'react';
import type { Book } from './book.ts';
import type { Recomputed, Strategy } from './recompute.ts';
import type { FromWorker, ToWorker } from './worker.ts';

export type Answer = { readonly found: Recomputed; readonly computeMs: number };

/**
 * The book recomputed in a worker whenever the strategy changes. One request is under way at a time; of those that come meanwhile only
 * the last is kept, so that a slider never queues work.
 */
export function useRecomputed(book: Book, strategy: Strategy): Answer | undefined {
  const worker = useRef<{ send: (strategy: Strategy) => void } | undefined>(undefined);
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    const opened = openWorker(book, setAnswer);
    worker.current = opened;
    return opened.close;
  }, [book]);
  useEffect(() => worker.current?.send(strategy), [strategy]);
  return answer;
}

function openWorker(book: Book, onAnswer: (answer: Answer) => void) {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const post = (message: ToWorker) => worker.postMessage(message);
  let request = 0;
  let busy = false;
  let next: Strategy | undefined;
  const start = (strategy: Strategy): void => {
    busy = true;
    request += 1;
    post({ kind: 'recompute', request, strategy });
  };
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    busy = false;
    onAnswer({ found: data.found, computeMs: data.computeMs });
    if (next === undefined) return;
    const waiting = next;
    next = undefined;
    start(waiting);
  });
  post({ kind: 'load', book });
  return {
    send: (strategy: Strategy) => {
      if (busy) next = strategy;
      else start(strategy);
    },
    close: () => worker.terminate(),
  };
}
