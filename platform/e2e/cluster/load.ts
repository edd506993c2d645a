import type { ReportedSample } from '../../../functions/lib/telemetry/sample.ts';
import { post } from '../client.ts';
import { recordedDrive } from '../drives.ts';
import { batchesOf } from '../events.ts';
import { sleep } from '../program.ts';
import { type Fleet, patienceMs } from './fleet.ts';

export interface Load {
  vehicles: string[];
  drive: ReportedSample[];
  /** Answers by status; 0 where there was none. */
  statuses: Map<number, number>;
  acknowledged(): number;
  /** Resolves when all has been acknowledged. */
  done: Promise<void>;
}

let loads = 0;

/** Cars that drive a recorded trip, each batch sent until it is acknowledged, as an edge client does. */
export function startLoad(fleet: Fleet, cars: number, pauseMs: number): Load {
  const name = `e2e-${Date.now().toString(36)}-${++loads}`;
  const vehicles = Array.from({ length: cars }, (_, i) => `${name}-${i}`);
  const drive = recordedDrive('town');
  const statuses = new Map<number, number>();
  let acknowledged = 0;
  const send = async (vehicle: string) => {
    for (const batch of batchesOf(vehicle, drive, 5)) {
      for (const endsMs = Date.now() + patienceMs; ; ) {
        const status = await post(fleet, fleet.token, batch).then(
          async (answer) => {
            await answer.body?.cancel();
            return answer.status;
          },
          () => 0,
        );
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 202) break;
        if (Date.now() > endsMs) throw new Error(`nothing acknowledged: ${JSON.stringify([...statuses])}`);
        await sleep(500);
      }
      acknowledged++;
      await sleep(pauseMs);
    }
  };
  return {
    vehicles,
    drive,
    statuses,
    acknowledged: () => acknowledged,
    done: Promise.all(vehicles.map(send)).then(() => {}),
  };
}
