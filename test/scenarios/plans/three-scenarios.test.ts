// A failover of a plan with 300 VMs of three scenarios in three vaults: its requests by Azure's own
// count.
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { measurePlanFailover } from '../../support/plan-failover-measures.ts';
import { threeScenariosEnvironment } from '../../support/three-scenarios-environment.ts';

const { LIFEBOAT_WRITES_BURST: burst, LIFEBOAT_WRITES_PER_SECOND: perSecond } = agreement.settings.optional;

test('300 VMs of three scenarios and vaults fail over with one write each [PLAN-2] [OP-2] [OP-6]', async () => {
  const { job, steps, writes, throttled } = await measurePlanFailover(
    300,
    3,
    { burst: Number(burst), perSecond: Number(perSecond) },
    threeScenariosEnvironment(100),
  );
  expect(job).toMatchObject({ state: 'completed', exceptions: [], vms: 300 });
  expect(new Set(writes.map(({ itemName }) => itemName)).size).toBe(300);
  expect({ writes: writes.length, throttled }).toEqual({ writes: 300, throttled: 0 });
  const scenarios = Map.groupBy(
    steps.filter(({ phase }) => phase === 'failover'),
    ({ name }) => /-(hyper-v|vmware)$/.exec(name)?.[1] ?? 'azure',
  );
  expect([...scenarios].map(([scenario, own]) => [scenario, own.length]).sort()).toEqual([
    ['azure', 100],
    ['hyper-v', 100],
    ['vmware', 100],
  ]);
});
