import type { Pool, PoolClient } from 'pg';
import type { Log } from '../log.ts';

/** Calls `onNotice` for each notice of a channel until stopped. Notices sent while the connection was down are lost: poll as well. */
export type Listen = (channel: string, onNotice: (payload: string) => void) => Promise<{ stop(): Promise<void> }>;

const RECONNECT_MS = 1_000;

/** LISTEN over a connection of its own, opened again when it breaks. */
export function listenOver(pool: Pool, log: Log): Listen {
  return async (channel, onNotice) => {
    let [client, timer, isStopped]: [PoolClient | undefined, NodeJS.Timeout | undefined, boolean] = [
      undefined,
      undefined,
      false,
    ];
    const connect = async (): Promise<void> => {
      const opened = await pool.connect();
      if (isStopped) return opened.release();
      client = opened;
      opened.on('notification', (notice) => notice.channel === channel && onNotice(notice.payload ?? ''));
      opened.on('error', (error) => {
        // released already: stopped, or an error that follows the first
        if (client !== opened) return;
        client = undefined;
        opened.release(error);
        retry(error);
      });
      await opened.query(`LISTEN "${channel.replaceAll('"', '""')}"`);
    };
    const retry = (error: Error): void => {
      if (isStopped) return;
      log.warn({ channel, error: error.message }, 'listening to the database broke; trying again');
      timer = setTimeout(() => connect().catch(retry), RECONNECT_MS);
      timer.unref();
    };
    await connect().catch(retry);
    return {
      async stop() {
        isStopped = true;
        clearTimeout(timer);
        // thrown away: a connection that listens must not go back to the others
        const released = client;
        client = undefined;
        released?.release(true);
      },
    };
  };
}
