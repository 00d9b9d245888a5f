import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { KinesisStream, type Stream } from '../../../src/platform/index.ts';

export type RunningKinesis = { readonly open: (shards: number) => Promise<Stream>; readonly stop: () => Promise<void> };

const ACTIVE_TRIES = 100;

/** An emulator of Kinesis on the loopback, in this process; or why there is none. */
export async function startKinesis(): Promise<RunningKinesis | { readonly reason: string }> {
  const kinesalite = await import('kinesalite').catch(() => undefined);
  if (!kinesalite) return { reason: 'the emulator kinesalite is not installed (npm install)' };
  const server = kinesalite.default({
    createStreamMs: 10,
    updateStreamMs: 10,
    deleteStreamMs: 10,
    shardLimit: 1000,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sdk = await import('@aws-sdk/client-kinesis');
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const client = new sdk.KinesisClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  });
  let count = 0;
  const open = async (shards: number): Promise<Stream> => {
    const name = `test-${++count}`;
    await client.send(new sdk.CreateStreamCommand({ StreamName: name, ShardCount: shards }));
    for (let tries = 0; tries < ACTIVE_TRIES; tries++) {
      const { StreamDescription: about } = await client.send(new sdk.DescribeStreamCommand({ StreamName: name }));
      if (about?.StreamStatus === 'ACTIVE') break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return KinesisStream.open(name, client);
  };
  const stop = async (): Promise<void> => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { open, stop };
}
