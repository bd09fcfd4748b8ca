// One command enables many VMs. The cost of each VM does not grow with their number. The app uses
// the write budget fully, and the job reports every failure.
import {
  enableAndMeasure,
  startManyVms,
  vmName,
  type EnablingMeasures,
  type ManyVms,
} from '../../support/many-vms.ts';

const VMS = 60;
/** The budget is so small that most VMs must wait for it. */
const BUDGET = { burst: 20, perSecond: 1 };
const FLOOR = (VMS - BUDGET.burst) / BUDGET.perSecond;

let environment: ManyVms;
let first: EnablingMeasures;
beforeAll(async () => {
  environment = await startManyVms(VMS, BUDGET);
  // The preview refuses one VM, and Site Recovery itself refuses another.
  await environment.simulator.faults.add({
    id: 'off',
    point: 'standing',
    vm: vmName(7),
    do: { kind: 'deallocated' },
  });
  await environment.simulator.faults.add({
    id: 'fails',
    point: 'operation',
    subject: `^${vmName(40)}$`,
    times: 1,
    do: { kind: 'fail', code: '150097' },
  });
  first = await enableAndMeasure(environment);
});
afterAll(() => environment.simulator.stop());

test('each VM takes one write and few reads, and Azure throttles nothing [A2A-17] [OP-9]', () => {
  expect({ writes: first.vmWrites, throttled: first.throttled }).toEqual({ writes: VMS - 1, throttled: 0 });
  expect(first.prerequisiteWrites).toBe(
    first.job.steps.filter((step) => step.kind === 'prerequisite').length,
  );
  // One read before the write, one of the ended job, and the shared reads.
  expect(first.armReads / VMS).toBeLessThan(10);
  // Timers send about one more request a second, however many VMs there are.
  expect(first.storeRequests).toBeLessThan(25 * VMS + 1.5 * first.elapsedSeconds);
  // The prerequisites used the same budget before.
  expect(first.sendingSeconds).toBeGreaterThanOrEqual(FLOOR - 1);
  expect(first.sendingSeconds).toBeLessThanOrEqual(FLOOR + BUDGET.burst / BUDGET.perSecond);
});

test('the job reports each failure by name, and protects all other VMs [A2A-17]', async () => {
  expect(first.job.state).toBe('completedWithExceptions');
  expect(first.job.exceptions.map(({ targetName }) => targetName).sort()).toEqual([vmName(7), vmName(40)]);
  const known = await environment.lifeboat.waitForReplications(VMS - 1);
  expect(known.filter(({ state }) => state === 'protected')).toHaveLength(VMS - 2);
  expect(known.filter(({ state }) => state !== 'protected')).toMatchObject([
    { name: vmName(40), state: 'enablingFailed' },
  ]);
});

test('the same command with another key writes nothing and waits for nothing [A2A-20]', async () => {
  const again = await enableAndMeasure({
    ...environment,
    vms: environment.vms.filter((_vm, index) => index !== 7 && index !== 40),
  });
  expect(again).toMatchObject({
    vmWrites: 0,
    prerequisiteWrites: 0,
    throttled: 0,
    job: { state: 'completed', exceptions: [] },
  });
  // Two lists of the items, and the reads of a survey.
  expect(again.armReads / VMS).toBeLessThan(1);
  expect(again.elapsedSeconds).toBeLessThan(BUDGET.burst / BUDGET.perSecond);
  expect(again.job.steps.map((step) => step.state)).toEqual(
    Array.from({ length: VMS - 2 }, () => 'alreadySo'),
  );
});
