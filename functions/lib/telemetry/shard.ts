/** Shards that `fleetshard` spreads vehicles over; a trigger of N shards filters on the numbers it takes. */
const shards = 16;

/** Extensions of every event on a vehicle's way through the pipeline: what an ordered broker and the triggers of shards go by. */
export function routingOf(vehicle: string): { partitionkey: string; fleetshard: string } {
  return { partitionkey: vehicle, fleetshard: String(shardOf(vehicle)) };
}

/** FNV-1a, 32 bit: the same vehicle in the same shard, whoever asks. */
function shardOf(vehicle: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < vehicle.length; i++) hash = Math.imul(hash ^ vehicle.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % shards;
}
