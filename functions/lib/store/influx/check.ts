import { flux, HttpError, InfluxDB } from '@influxdata/influxdb-client';
import { BucketsAPI } from '@influxdata/influxdb-client-apis';
import { StoreUnavailable } from '../port.ts';
import { dayMs } from '../retention.ts';
import type { Access } from './access.ts';
import type { Client, ClientOptions } from './client.ts';
import { nanoseconds } from './instants.ts';
import { lineOf } from './lines.ts';
import { type BucketName, bucketNames, measurements } from './names.ts';
import { lifeFault } from './provision.ts';
import { rawBeginningMs } from './samples.ts';

/** A setting that cannot work whatever one waits for: token, organisation, bucket. */
export class InfluxRefused extends Error {}

export interface Check {
  /** Rejects with InfluxRefused, or with StoreUnavailable where InfluxDB does not answer. */
  settings(): Promise<void>;
  /** A real write, or read for those that may not write. */
  probe(): Promise<void>;
}

/** Whether everything is there that a function needs: each bucket with its permission and its life. */
export function createCheck(client: Client, options: ClientOptions, access: Access): Check {
  const read = (bucket: BucketName) =>
    client.query(flux`from(bucket: ${bucket}) |> range(start: -1s) |> limit(n: 1)`, () => () => true);
  const write = (bucket: BucketName, lines: string[] = []) => client.write(bucket, lines);

  return {
    async settings() {
      try {
        // A write without lines asks for the permission alone.
        for (const bucket of access.write) await write(bucket);
        for (const bucket of access.read) await read(bucket);
      } catch (error) {
        throw refusalOf(error);
      }
      const faults = await lifeFaults(options);
      if (faults.length > 0) throw new InfluxRefused(`${faults.join('; ')} (\`fleet provision influx\` changes it)`);
    },
    async probe() {
      const [bucket] = access.write;
      if (bucket === undefined) return void (await read(access.read[0] as BucketName));
      const time = nanoseconds(Math.max(rawBeginningMs() + dayMs, Math.floor(Date.now() / dayMs) * dayMs));
      await write(bucket, [lineOf(measurements.probe, {}, { ok: true }, time)]);
    },
  };
}

function refusalOf(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  const isFinal = error instanceof StoreUnavailable && cause instanceof HttpError && cause.statusCode < 429;
  return isFinal ? new InfluxRefused(error.message, { cause: error }) : error;
}

/** Buckets that the token shows and that keep their points for another time than ours. */
async function lifeFaults({ url, org, token }: ClientOptions): Promise<string[]> {
  const answer = await new BucketsAPI(new InfluxDB({ url, token }))
    .getBuckets({ org, limit: 100 })
    .catch(() => undefined);
  const ours = answer?.buckets?.filter(({ name }) => (bucketNames as readonly string[]).includes(name)) ?? [];
  return ours.flatMap((bucket) => {
    const fault = lifeFault(bucket);
    return fault === undefined ? [] : [`bucket ${bucket.name} ${fault}`];
  });
}
