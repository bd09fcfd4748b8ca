// A failover of a plan with VMs of three scenarios in three vaults: its requests by Azure's own count.
// `npm run bench -- three-scenarios` measures 300 VMs.
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { measurePlanFailover } from '../../support/plan-failover-measures.ts';
import { threeScenariosEnvironment } from '../../support/three-scenarios-environment.ts';

const { LIFEBOAT_WRITES_BURST: burst, LIFEBOAT_WRITES_PER_SECOND: perSecond } = agreement.settings.optional;

test('60 VMs of three scenarios and vaults fail over with one write each [PLAN-2] [OP-2] [OP-6]', async () => {
  const { job, steps, writes, throttled } = await measurePlanFailover(
    60,
    3,
    { burst: Number(burst), perSecond: Number(perSecond) },
    threeScenariosEnvironment(20),
  );
  expect(job).toMatchObject({ state: 'completed', exceptions: [], vms: 60 });
  expect(new Set(writes.map(({ itemName }) => itemName)).size).toBe(60);
  expect({ writes: writes.length, throttled }).toEqual({ writes: 60, throttled: 0 });
  const scenarios = Map.groupBy(
    steps.filter(({ phase }) => phase === 'failover'),
    ({ name }) => /-(hyper-v|vmware)$/.exec(name)?.[1] ?? 'azure',
  );
  expect([...scenarios].map(([scenario, own]) => [scenario, own.length]).sort()).toEqual([
    ['azure', 20],
    ['hyper-v', 20],
    ['vmware', 20],
  ]);
});
