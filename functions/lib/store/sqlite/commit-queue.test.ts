import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { StoreUnavailable } from '../port.ts';
import { createCommitQueue } from './commit-queue.ts';
import type { AppendInput, CommitMessage, Committed, Outcome } from './messages.ts';

describe('the commit queue', () => {
  it('makes one group of all that comes while a commit is under way, appends first', async () => {
    const writer = fakeWriter();
    const merged: number[] = [];
    const queue = createCommitQueue(writer.worker, 0, { ...deaf, onMerged: (samples) => merged.push(samples) });
    const first = queue.append(oneSample(1), 1);
    await writer.posted(1);
    const rest = [queue.append(oneSample(2), 2), queue.write('probe', undefined), queue.append(oneSample(3), 3)];
    writer.answer([appended(['10'])]);
    expect(await first).toEqual({ receipt: '10' });
    await writer.posted(2);
    expect(writer.messages[1]?.operations.map(({ name }) => name)).toEqual(['append', 'probe']);
    const input = writer.messages[1]?.operations[0]?.input as AppendInput;
    expect([input.rows.count, input.firstRows, input.receivedMs]).toEqual([2, [0, 1], 3]);
    writer.answer([appended(['20', '21']), { value: undefined }], 3);
    expect(await Promise.all(rest)).toEqual([{ receipt: '20' }, undefined, { receipt: '21' }]);
    expect(merged).toEqual([3]);
  });

  it('leaves the pace between the starts of two commits', async () => {
    const writer = fakeWriter();
    const queue = createCommitQueue(writer.worker, 30, deaf);
    const startedAt = performance.now();
    for (const count of [1, 2, 3]) {
      const done = queue.write('probe', undefined);
      await writer.posted(count);
      writer.answer([{ value: undefined }]);
      await done;
    }
    // Timers count whole milliseconds, and may fire one early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2 * 30 - 4);
  });

  it('fails for good after a failed fsync, without a second try', async () => {
    const writer = fakeWriter();
    const fatal: Error[] = [];
    const queue = createCommitQueue(writer.worker, 0, {
      ...deaf,
      onFatal(error) {
        fatal.push(error);
        queue.stop(new StoreUnavailable('stopped'));
      },
    });
    const failing = queue.append(oneSample(1), 1);
    await writer.posted(1);
    const waiting = queue.append(oneSample(2), 2);
    writer.answer([{ failed: 'disk I/O error', code: 1034 }]);
    await expect(failing).rejects.toThrow(StoreUnavailable);
    await expect(waiting).rejects.toThrow('stopped');
    await expect(queue.append(oneSample(3), 3)).rejects.toThrow('stopped');
    expect(fatal).toHaveLength(1);
    expect(writer.messages).toHaveLength(1);
  });

  it('refuses appends behind one that has waited too long, and takes them again when the commit is back', async () => {
    const writer = fakeWriter();
    const queue = createCommitQueue(writer.worker, 0, deaf);
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const first = queue.append(oneSample(1), 1);
    await writer.posted(1);
    const waiting = queue.append(oneSample(2), 2);
    vi.advanceTimersByTime(999);
    expect(queue.busy()).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect(queue.busy()).toBeInstanceOf(StoreUnavailable);
    await expect(queue.append(oneSample(3), 3)).rejects.toThrow('busy');
    writer.answer([appended(['1'])]);
    await writer.posted(2);
    expect(queue.busy()).toBeUndefined();
    writer.answer([appended(['2'])]);
    expect(await Promise.all([first, waiting])).toEqual([{ receipt: '1' }, { receipt: '2' }]);
  });

  it('answers everybody when a commit does not come back, refuses at once, and goes on when it has', async () => {
    const writer = fakeWriter();
    const queue = createCommitQueue(writer.worker, 0, deaf);
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const under = [queue.append(oneSample(1), 1), queue.write('probe', undefined)];
    await writer.posted(1);
    under.push(queue.append(oneSample(2), 2), queue.write('probe', undefined));
    vi.advanceTimersByTime(8_001);
    for (const one of under) await expect(one).rejects.toThrow('has not come back');
    await expect(queue.append(oneSample(3), 3)).rejects.toThrow('has not come back');
    writer.answer([appended(['1']), { value: undefined }]);
    const next = queue.append(oneSample(4), 4);
    await writer.posted(2);
    expect(writer.messages[1]?.operations[0]?.input).toMatchObject({ rows: { count: 1 } });
    writer.answer([appended(['2'])]);
    expect(await next).toEqual({ receipt: '2' });
  });

  it('drains what came before, and refuses what comes after', async () => {
    const writer = fakeWriter();
    const queue = createCommitQueue(writer.worker, 0, deaf);
    const before = queue.append(oneSample(1), 1);
    const drained = queue.drain(new StoreUnavailable('closed'));
    await expect(queue.append(oneSample(2), 2)).rejects.toThrow('closed');
    await writer.posted(1);
    writer.answer([appended(['1'])]);
    await drained;
    expect(await before).toEqual({ receipt: '1' });
  });
});

const deaf = { onFatal: () => {}, onMerged: () => {} };

const oneSample = (timeMs: number) => [{ vehicle: 'car', samples: [{ timeMs, device: 'main', speedKmh: 1 }] }];

/** A writer that answers when it is told to. */
function fakeWriter() {
  const events = new EventEmitter();
  const messages: CommitMessage[] = [];
  const worker = Object.assign(events, { postMessage: (message: CommitMessage) => messages.push(message) });
  return {
    worker: worker as unknown as Worker,
    messages,
    answer: (outcomes: Outcome[], merged = 0) => events.emit('message', { outcomes, merged } satisfies Committed),
    async posted(count: number): Promise<void> {
      while (messages.length < count) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** What the writer answers for the appends of a group. */
function appended(answers: string[]) {
  return { value: answers };
}
