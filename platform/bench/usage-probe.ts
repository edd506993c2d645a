/**
 * Loaded before a measured server (`--import`): tells over IPC what the process has used so far, all threads included.
 * The server itself knows nothing of being measured.
 */
export interface Usage {
  /** User and system time of the process, µs. */
  cpuUs: number;
  rssBytes: number;
}

export const usageQuestion = 'usage';

process.on('message', (message) => {
  if (message !== usageQuestion) return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() } satisfies Usage);
});
