import { describe, expect, it } from 'vitest';
import { advance, idle, step, type Transition, type TripState } from './machine.ts';
import type { Moment } from './moment.ts';
import { defaultRules, type Rules } from './rules.ts';

const at = (seconds: number) => seconds * 1000;

function moment(seconds: number, speedKmh: number | null, ignitionOn?: boolean): Moment {
  const sample = { timeMs: at(seconds), device: 'main', ...(ignitionOn !== undefined && { ignitionOn }) };
  return { timeMs: at(seconds), sample, speedKmh, position: null };
}

/** Runs moments and then lets time pass; answers the transitions as `kind@seconds` and the last phase. */
function run(moments: Moment[], untilS: number, rules: Rules = defaultRules): { phase: string; log: string[] } {
  let state: TripState = idle;
  const all: Transition[] = [];
  for (const one of moments) {
    const [next, transitions] = step(state, one, rules);
    state = next;
    all.push(...transitions);
  }
  const [last, late] = advance(state, at(untilS), rules);
  const log = [...all, ...late].map((t) => `${t.kind}@${t.atMs / 1000}${t.kind === 'ended' ? ` ${t.by}` : ''}`);
  return { phase: last.phase, log };
}

describe('the trip state machine', () => {
  it('starts at startSpeedKmh and not below', () => {
    expect(run([moment(0, 4.9)], 0)).toEqual({ phase: 'idle', log: [] });
    expect(run([moment(0, 5)], 0)).toEqual({ phase: 'driving', log: ['started@0'] });
  });

  it('pauses idleTimeoutS after the last moving sample, by samples at rest or by silence at rest', () => {
    expect(run([moment(0, 50), moment(10, 0)], 119).phase).toBe('driving');
    expect(run([moment(0, 50), moment(10, 0)], 120).log).toEqual(['started@0', 'paused@120']);
    expect(run([moment(0, 50), moment(10, 0), moment(120, 1)], 120).log).toEqual(['started@0', 'paused@120']);
  });

  it('stays in the trip while it crawls between stopSpeedKmh and startSpeedKmh', () => {
    expect(run([moment(0, 50), moment(100, 3), moment(200, 3)], 300).phase).toBe('driving');
  });

  it('resumes within resumeWindowS of the pause, and ends on it', () => {
    const stop = [moment(0, 50), moment(5, 0)];
    expect(run([...stop, moment(299, 20)], 299).log).toEqual(['started@0', 'paused@120', 'resumed@299']);
    expect(run([...stop, moment(300, 20)], 300).log).toEqual([
      'started@0',
      'paused@120',
      'ended@5 stop',
      'started@300',
    ]);
  });

  it('backdates the end to the first sample at rest, or to the last moving one where silence followed', () => {
    expect(run([moment(0, 50), moment(60, 0), moment(90, 0)], 1000).log).toContain('ended@60 stop');
    expect(run([moment(0, 50), moment(61, 0)], 1000).log).toContain('ended@0 stop');
  });

  it('ends by gap after gapTimeoutS of silence while moving, at the last sample', () => {
    expect(run([moment(0, 50), moment(30, 60)], 929).phase).toBe('driving');
    expect(run([moment(0, 50), moment(30, 60)], 930).log).toEqual(['started@0', 'ended@30 gap']);
    expect(run([moment(0, 50), moment(899, 60)], 899).log).toEqual(['started@0']);
    expect(run([moment(0, 50), moment(900, 60)], 900).log).toEqual(['started@0', 'ended@0 gap', 'started@900']);
  });

  it('pauses at once when the ignition goes off at rest, but ignores a toggle under 30 s', () => {
    const off = [moment(0, 50), moment(10, 0, false)];
    expect(run(off, 39).log).toEqual(['started@0']);
    expect(run(off, 40).log).toEqual(['started@0', 'paused@10']);
    expect(run(off, 190).log).toEqual(['started@0', 'paused@10', 'ended@10 ignition']);
    expect(run([...off, moment(30, 0, true)], 100).log).toEqual(['started@0']);
  });

  it('ends at a cut even when the pause began late', () => {
    expect(run([moment(0, 50), moment(800, 0), moment(900, 50)], 900).log).toEqual([
      'started@0',
      'paused@800',
      'ended@0 stop',
      'started@900',
    ]);
  });

  it('takes no notice of samples without a speed', () => {
    expect(run([moment(0, 50), moment(100, null), moment(500, null)], 900).log).toEqual(['started@0', 'ended@0 gap']);
  });

  it('follows the presets', () => {
    const delivery = { ...defaultRules, idleTimeoutS: 60, resumeWindowS: 120 };
    expect(run([moment(0, 50), moment(5, 0)], 180, delivery).log).toEqual(['started@0', 'paused@60', 'ended@5 stop']);
  });
});
