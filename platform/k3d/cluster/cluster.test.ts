import { describe, expect, it } from 'vitest';
import { knativeManifests } from './create.ts';
import { faultOf as notReady } from './status.ts';
import { faultOf } from './tools.ts';
import { releaseOf } from './versions.ts';

describe('a tool', () => {
  const tool = { name: 'k3d', least: 'v5.8.3', help: 'https://k3d.io/' };

  it.each(['k3d version v5.8.3\nk3s version v1.31.5-k3s1 (default)', 'k3d version v5.10.0', 'v6.0.0'])(
    'is new enough: %j',
    (printed) => expect(faultOf(tool, printed)).toBeUndefined(),
  );

  it.each([
    [undefined, 'k3d is missing, or does not run: https://k3d.io/'],
    ['k3d version v5.8.2', 'k3d is v5.8.2, and v5.8.3 or newer is needed: https://k3d.io/'],
    ['k3d version v4.9.9', 'k3d is v4.9.9, and v5.8.3 or newer is needed: https://k3d.io/'],
    ['something', 'k3d is of an unknown version, and v5.8.3 or newer is needed: https://k3d.io/'],
  ])('is at fault: %j', (printed, fault) => expect(faultOf(tool, printed)).toBe(fault));
});

it('takes the releases of Knative by the versions of its modules', () => {
  expect([releaseOf('0.48.0'), releaseOf('0.48.2')]).toEqual(['knative-v1.21.0', 'knative-v1.21.2']);
  expect(() => releaseOf('1.21.0')).toThrow('1.21.0');
  expect(knativeManifests()[0]).toMatch(
    /^https:\/\/github\.com\/knative\/serving\/releases\/download\/knative-v1\.\d+\.\d+\/serving-crds\.yaml$/,
  );
});

it('says why something is not Ready', () => {
  const item = (ready: object[]) => ({
    kind: 'Service',
    metadata: { name: 'a' },
    status: { conditions: ready as never },
  });
  expect(notReady(item([{ type: 'Ready', status: 'True' }]))).toBeUndefined();
  const failed = { type: 'Ready', status: 'False', reason: 'RevisionFailed', message: 'it said\n  no' };
  expect(notReady(item([failed]))).toBe('Service a: RevisionFailed: it said no');
  expect(notReady(item([]))).toBe('Service a: nothing is said of it yet');
});
