declare module 'kinesalite' {
  import type { Server } from 'node:http';

  /** Times a stream takes to change, and the most shards of the account. */
  export default function kinesalite(options: {
    createStreamMs: number;
    updateStreamMs: number;
    deleteStreamMs: number;
    shardLimit: number;
  }): Server;
}
