// A failover of a plan of 300 VMs in three groups: its requests by Azure's own count.
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { measurePlanFailover } from '../../support/plan-failover-measures.ts';

const { LIFEBOAT_WRITES_BURST: burst, LIFEBOAT_WRITES_PER_SECOND: perSecond } = agreement.settings.optional;

test('300 VMs in three groups take one write each, group after group [PLAN-2] [OP-6] [JOB-1]', async () => {
  const { job, steps, writes, throttled, reads } = await measurePlanFailover(300, 3, {
    burst: Number(burst),
    perSecond: Number(perSecond),
  });
  expect(job).toMatchObject({ state: 'completed', exceptions: [], vms: 300 });
  expect(new Set(writes.map(({ itemName }) => itemName)).size).toBe(300);
  expect({ writes: writes.length, throttled }).toEqual({ writes: 300, throttled: 0 });
  expect(reads).toBeLessThan(2 * 300);
  const groupTimes = [0, 1, 2].map((group) => {
    const groupSteps = steps
      .slice()
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(group * 100, (group + 1) * 100);
    return {
      begins: groupSteps.map(({ startedAt }) => startedAt ?? '').sort()[0] ?? '',
      ends:
        groupSteps
          .map(({ endedAt }) => endedAt ?? '')
          .sort()
          .at(-1) ?? '',
    };
  });
  expect(groupTimes.slice(1).every(({ begins }, at) => begins >= (groupTimes[at]?.ends ?? ''))).toBe(true);
});
